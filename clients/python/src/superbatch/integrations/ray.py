"""Superbatch as Ray Tune's search algorithm: Tune runs the trials, the optimizer chooses their configurations and learns from their results and costs.

::

    from ray import tune
    from superbatch.integrations.ray import SuperbatchSearch

    search = SuperbatchSearch("127.0.0.1:7601", metric="loss", mode="min")
    tuner = tune.Tuner(
        train,
        param_space={"rate": tune.loguniform(1e-4, 1), "layers": tune.randint(1, 5), "optimizer": tune.choice(["sgd", "adam"])},
        tune_config=tune.TuneConfig(search_alg=search, num_samples=30),
    )

Tune's own spaces have no conditions: give ``space=`` with Superbatch's parameters for one that has, and for fidelities.
"""

from __future__ import annotations

import logging
import math
import pickle
import uuid
from typing import TYPE_CHECKING, Any, Mapping

from ray.tune.result import TIME_TOTAL_S, TRAINING_ITERATION  # pyright: ignore[reportPrivateImportUsage]
from ray.tune.search import Searcher
from ray.tune.search.sample import Categorical as TuneCategorical
from ray.tune.search.sample import Domain, LogUniform, Quantized, Uniform
from ray.tune.search.sample import Float as TuneFloat
from ray.tune.search.sample import Integer as TuneInteger
from ray.tune.search.variant_generator import parse_spec_vars
from ray.tune.utils import flatten_dict
from ray.tune.utils.util import unflatten_dict  # pyright: ignore[reportPrivateImportUsage]

from superbatch import AlreadyExists, Client, NoTrial, Study, StudyCompleted, SuperbatchError, Trial
from superbatch.errors import StopTrial
from superbatch.space import Boolean, Categorical, Discrete, Fixed, Float, Integer, Parameter, Point, Value

from ._shared import choice_names, grid, study_id

if TYPE_CHECKING:
    from superbatch import StudyOptions

log = logging.getLogger("superbatch")

#: Key of a result by which a trainable may say what it has cost so far, in the study's unit; otherwise the seconds that it has run count.
COST = "superbatch_cost"

#: Tune joins the keys of nested spaces by "/", which a parameter's name may not have.
_TUNE_JOIN, _OUR_JOIN = "/", "."


class SuperbatchSearch(Searcher):
    """Searches with a Superbatch optimizer.

    Args:
        client: An optimizer's address, or a client of it (with its token and TLS).
        space: Superbatch parameters or Tune domains by name; None: Tune's ``param_space``.
        metric: What is optimized, and ``mode``, ``min`` or ``max``; None: as of Tune's configuration.
        name: Id of the optimizer's study; None: made from the metric's name, unique.
        patience: Seconds that one suggestion may wait for a trial, such as while the optimizer computes; Tune asks again after that.
        **options: What else :class:`superbatch.StudyOptions` has, such as ``algorithm`` or ``seed``.

    Each trial holds a lease, kept in the background while the driver lives. A driver that is restored from a checkpoint has lost its leases: results of trials from
    before are then told as known results.
    """

    # The base class' own.
    _metric: str | None
    _mode: str | None

    def __init__(
        self,
        client: str | Client = "127.0.0.1:7601",
        space: Mapping[str, Any] | None = None,
        metric: str | None = None,
        mode: str | None = None,
        *,
        name: str | None = None,
        patience: float = 20.0,
        **options: Any,
    ) -> None:
        super().__init__(metric=metric, mode=mode)
        self._client = Client(client) if isinstance(client, str) else client
        self._name = name
        self._patience = patience
        self._options: StudyOptions = options  # type: ignore[assignment]
        self._study: Study | None = None
        self._values: dict[str, Mapping[Any, Any]] = {}
        self._held: dict[str, Trial] = {}
        self._points: dict[str, Point] = {}
        self._space = None if space is None else self._convert(flatten_dict(dict(space)))

    @property
    def study(self) -> Study | None:
        """The optimizer's study; None before the first suggestion."""
        return self._study

    def set_search_properties(self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any) -> bool:
        """Takes what Tune's configuration says; false if it has a second space."""
        if self._space is not None and any(isinstance(value, Domain) for value in flatten_dict(config).values()):
            return False
        if self._space is None:
            self._space = self._convert(flatten_dict(config))
        self._metric = self._metric or metric
        self._mode = self._mode or mode
        return True

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A configuration; None if there is none now, ``FINISHED`` if the study's own budget is used."""
        try:
            leased = self._study_of().ask(timeout=self._patience, worker=f"ray:{trial_id}")
        except StudyCompleted:
            return Searcher.FINISHED
        except NoTrial:
            return None
        self._held[trial_id] = leased
        self._points[trial_id] = dict(leased.parameters)
        config = {name.replace(_OUR_JOIN, _TUNE_JOIN): self._value(name, value) for name, value in leased.parameters.items()}
        return unflatten_dict(config)

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """A point of the learning curve."""
        leased, value = self._held.get(trial_id), result.get(str(self._metric))
        if leased is None or value is None or not math.isfinite(value):
            return
        try:
            leased.report(step=int(result.get(TRAINING_ITERATION, 0)), value=float(value), cost=_cost(result))
        except StopTrial as told:
            # A searcher cannot stop a trial; Tune's schedulers do.
            log.info("%s: %s", leased.name, told)
        except SuperbatchError:
            log.warning("a result of %s was refused", leased.name, exc_info=True)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """The end: with a result, or failed, as which it is tried no more since Tune retries by itself."""
        leased, point = self._held.pop(trial_id, None), self._points.pop(trial_id, None)
        value = None if error or not result else result.get(str(self._metric))
        if leased is None:
            if point is not None and result and value is not None and math.isfinite(value):
                self._study_of().add([point], values=[float(value)], costs=[_cost(result) or 1e-9])
        elif leased.ended:
            return
        elif value is None:
            leased.abandon("failed in Ray Tune")
        elif not math.isfinite(value):
            leased.fail(f"the trainable returned {value}", infeasible=True)
        else:
            leased.complete(float(value), cost=_cost(result or {}))

    def save(self, checkpoint_path: str) -> None:
        """The study's name and the points that run."""
        state = {"name": None if self._study is None else self._study.name, "points": self._points, "values": self._values}
        with open(checkpoint_path, "wb") as file:
            pickle.dump({**state, "metric": self._metric, "mode": self._mode}, file)

    def restore(self, checkpoint_path: str) -> None:
        """Goes on with that study."""
        with open(checkpoint_path, "rb") as file:
            state = pickle.load(file)
        self._points, self._values, self._metric, self._mode = (state[key] for key in ("points", "values", "metric", "mode"))
        self._study = None if state["name"] is None else self._client.study(state["name"])

    def __getstate__(self) -> dict[str, Any]:
        # Tune copies its searchers when it writes its own state, which save() and restore() are for.
        return {**self.__dict__, "_client": None, "_study": None, "_held": {}}

    def _study_of(self) -> Study:
        if self._study is None:
            if not self._space:
                raise ValueError("nothing to search: give SuperbatchSearch a space, or Tune a param_space with domains such as tune.uniform(0, 1)")
            if not self._metric or self._mode not in ("min", "max"):
                raise ValueError("what shall be optimized? Give metric and mode ('min' or 'max') to SuperbatchSearch or to TuneConfig")
            goal = "maximize" if self._mode == "max" else "minimize"
            name = self._name or study_id(f"{self._metric}-{uuid.uuid4().hex[:8]}", "ray")
            options: Any = {"goal": goal, **self._options}
            try:
                self._study = self._client.create_study(name, self._space, self._metric, **options)
            except AlreadyExists:
                if self._name is None:
                    raise
                self._study = self._client.study(name)
        return self._study

    def _value(self, name: str, value: Value) -> Any:
        values = self._values.get(name)
        return value if values is None else values[value]

    def _convert(self, flat: Mapping[str, Any]) -> dict[str, Parameter]:
        """A space of Tune's domains, of our parameters, or of both; constants that Tune itself passes on are left out."""
        _, _, grids = parse_spec_vars(dict(flat))
        if grids:
            raise ValueError(f"tune.grid_search is not a domain to search in ({grids[0][0][0]}): use tune.choice")
        space: dict[str, Parameter] = {}
        for key, entry in flat.items():
            name = key.replace(_TUNE_JOIN, _OUR_JOIN)
            if isinstance(entry, (Float, Integer, Discrete, Categorical, Boolean, Fixed)):
                space[name] = entry
            elif isinstance(entry, Domain):
                space[name] = self._parameter(name, entry)
        return space

    def _parameter(self, name: str, domain: Domain) -> Parameter:
        if isinstance(domain, TuneCategorical):
            names = choice_names(domain.categories)
            self._values[name] = names
            return Categorical(*names) if len(names) > 1 else Fixed(next(iter(names)))
        sampler = domain.get_sampler()
        step = 0.0
        if isinstance(sampler, Quantized):
            step, sampler = float(sampler.q), sampler.get_sampler()
        if not isinstance(domain, (TuneFloat, TuneInteger)) or not isinstance(sampler, (Uniform, LogUniform)):
            raise ValueError(f"{name}: {domain} is neither uniform, loguniform, randint, lograndint, their quantized forms, nor choice")
        log_scale = isinstance(sampler, LogUniform)
        if isinstance(domain, TuneInteger):
            # Tune's upper bound is exclusive, unless the values are quantized.
            whole = (int(domain.lower), int(domain.upper) - (0 if step > 1 else 1))
            if step <= 1:
                return Integer(*whole, log_scale) if whole[0] < whole[1] else Fixed(whole[0])
            quantized = grid(*whole, step, log_scale)
            if isinstance(quantized, Discrete):
                self._values[name] = {float(value): int(value) for value in quantized.values}
            return quantized
        return grid(domain.lower, domain.upper, step, log_scale) if step > 0 else Float(domain.lower, domain.upper, log_scale)


def _cost(result: Mapping[str, Any]) -> float | None:
    cost = result.get(COST, result.get(TIME_TOTAL_S))
    return None if cost is None else max(1e-9, float(cost))


__all__ = ["COST", "SuperbatchSearch"]
