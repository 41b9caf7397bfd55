"""The asyncio client: the same names and meanings as the blocking one, with coroutines, and heartbeats as tasks.

::

    async with superbatch.aio.Client("127.0.0.1:7601") as client:
        study = await client.study("digits")
        async with await study.ask() as trial:
            await trial.complete(await evaluate(trial.parameters))
"""

from .client import Client, Objective, Study
from .trial import Trial

__all__ = ["Client", "Objective", "Study", "Trial"]
