import asyncio

import pytest
from conftest import SPACE, unique

import superbatch
from superbatch import aio


def test_a_study_with_coroutines(optimizer):
    async def main():
        async with aio.Client(optimizer) as client:
            study = await client.create_study(unique(), SPACE, "loss", algorithm="random", max_trials=6)
            running = most = 0

            async def objective(trial):
                nonlocal running, most
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.1)
                await trial.report(step=1, value=trial.parameters["x"])
                running -= 1
                return trial.parameters["x"]

            recommendation = await study.run(objective, parallel=3)
            assert recommendation is not None and most > 1
            trials = await study.trials("completed", progress=True)
            assert len(trials) == 6 and len(trials[0].progress) == 1
            assert study.name in [other.name async for other in client.studies()]
            kinds = []
            async for event in study.watch():
                kinds.append(event.kind)
                if kinds.count("trial_completed") == 6:
                    break
            with pytest.raises(superbatch.StudyCompleted):
                await study.ask()

    asyncio.run(main())


def test_how_a_block_ended_ends_the_trial(optimizer):
    async def main():
        async with aio.Client(optimizer) as client:
            study = await client.create_study(unique(), SPACE, "loss", algorithm="random", lease_seconds=1)
            async with await study.ask() as trial:
                await asyncio.sleep(2.2)
                await trial.complete(1)
            assert (await study.trial(trial.number)).attempts == 1
            async with await study.ask() as trial:
                raise superbatch.Infeasible("diverged")
            assert (await study.trial(trial.number)).state == "infeasible"
            with pytest.raises(ZeroDivisionError):
                async with await study.ask() as trial:
                    1 / 0
            assert (await study.trial(trial.number)).state == "suggested"

    asyncio.run(main())


def test_a_cancelled_task_gives_its_trial_back(optimizer):
    async def main():
        async with aio.Client(optimizer) as client:
            study = await client.create_study(unique(), SPACE, "loss", algorithm="random")
            started = asyncio.Event()

            async def objective(trial):
                started.set()
                await asyncio.sleep(60)
                return 0.0

            run = asyncio.create_task(study.run(objective))
            await started.wait()
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            record = (await study.trials())[0]
            assert record.state == "suggested"

    asyncio.run(main())


def test_errors_have_their_fields(optimizer):
    async def main():
        async with aio.Client(optimizer) as client:
            with pytest.raises(superbatch.InvalidArgument) as caught:
                await client.create_study(unique(), {"a": superbatch.Float(1, 0)}, "loss")
            assert caught.value.violations[0].path.startswith("study.spec.space.parameters[0].float")
            with pytest.raises(superbatch.NotFound):
                await client.study("nobody")

    asyncio.run(main())
