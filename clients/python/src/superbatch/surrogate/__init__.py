"""A surrogate of your own: a class that fits, a model that answers, and :func:`serve` for all the rest.

Needs the extra ``surrogate``. See docs/guides/your-own-surrogate.md, and :mod:`superbatch.surrogate.botorch` for a whole one.
"""

from ._columns import Column as Column
from ._model import Checkpoint as Checkpoint
from ._model import Floats as Floats
from ._model import Model as Model
from ._model import Output as Output
from ._model import Problem as Problem
from ._model import Surrogate as Surrogate
from ._server import main as main
from ._server import serve as serve

__all__ = ["Checkpoint", "Column", "Floats", "Model", "Output", "Problem", "Surrogate", "main", "serve"]
