"""Superbatch as Optuna's sampler: Optuna runs the trials, the optimizer chooses their points and learns from their results and costs.

::

    import optuna
    from superbatch.integrations.optuna import SuperbatchSampler

    space = {
        "learning_rate": Float(1e-4, 1, log=True),
        "optimizer": Categorical("sgd", "adam"),
        "momentum": Float(0, 0.99, when={"optimizer": ["sgd"]}),
    }
    study = optuna.create_study(sampler=SuperbatchSampler("127.0.0.1:7601", space))
    study.optimize(objective, n_trials=30)

Parameters that the objective asks for and the space does not have, and those that are inactive at the trial's point, are sampled independently. Without a space
the one that all completed trials have in common is used, as Optuna's own samplers do: parameters in branches are then left to independent sampling.
"""

from __future__ import annotations

import datetime
import logging
import math
import threading
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial, TrialState

import superbatch
from superbatch import Client, Study, SuperbatchError, Trial
from superbatch.errors import StopTrial
from superbatch.space import Boolean, Categorical, Discrete, Fixed, Float, Integer, Parameter, Value

from ._shared import choice_names, grid, study_id

if TYPE_CHECKING:
    from superbatch import StudyOptions

log = logging.getLogger("superbatch")

#: User attribute of an Optuna trial by which an objective may say what it cost, in the study's unit; otherwise the seconds since it began count.
COST = "superbatch:cost"

#: The optimizer wants costs above 0.
_LEAST_COST = 1e-9


class _Axis:
    """One parameter as both sides see it."""

    def __init__(self, parameter: Parameter, distribution: BaseDistribution, values: Mapping[Any, Any] | None = None) -> None:
        self.parameter = parameter
        self.distribution = distribution
        # The optimizer's value to Optuna's, where they differ.
        self._values = values

    def to_optuna(self, value: Value) -> Any:
        return value if self._values is None else self._values[value]

    def to_superbatch(self, value: Any) -> Value:
        if self._values is None:
            return value
        return next(ours for ours, theirs in self._values.items() if theirs is value or theirs == value)


def _axis_of_parameter(parameter: Parameter) -> _Axis:
    if isinstance(parameter, Float):
        return _Axis(parameter, FloatDistribution(parameter.min, parameter.max, parameter.log))
    if isinstance(parameter, Integer):
        return _Axis(parameter, IntDistribution(parameter.min, parameter.max, parameter.log))
    if isinstance(parameter, Discrete):
        return _Axis(parameter, CategoricalDistribution(tuple(parameter.values)), {float(value): value for value in parameter.values})
    if isinstance(parameter, Categorical):
        return _Axis(parameter, CategoricalDistribution(parameter.categories))
    if isinstance(parameter, Boolean):
        return _Axis(parameter, CategoricalDistribution((True, False)))
    return _Axis(parameter, CategoricalDistribution((parameter.value,)))


def _axis_of_distribution(distribution: BaseDistribution) -> _Axis:
    if isinstance(distribution, (FloatDistribution, IntDistribution)):
        low, high, step = distribution.low, distribution.high, distribution.step
        if low == high:
            return _Axis(Fixed(low), distribution, {float(low): low})
        if isinstance(distribution, IntDistribution) and step == 1:
            return _Axis(Integer(int(low), int(high), distribution.log), distribution)
        if step is None:
            return _Axis(Float(low, high, distribution.log), distribution)
        parameter = grid(low, high, step)
        values = {float(v): v for v in parameter.values} if isinstance(parameter, Discrete) else None
        return _Axis(parameter, distribution, values)
    if isinstance(distribution, CategoricalDistribution):
        names = choice_names(distribution.choices)
        if len(names) == 1:
            return _Axis(Fixed(next(iter(names))), distribution, names)
        return _Axis(Categorical(*names), distribution, names)
    raise ValueError(f"{distribution} is none of Optuna's distributions")


class SuperbatchSampler(BaseSampler):
    """Samples the points that a Superbatch optimizer chooses.

    Args:
        client: An optimizer's address, or a client of it (with its token and TLS).
        space: Parameters by name, conditions included; an Optuna distribution stands for a parameter without a condition. An objective that asks for a discrete
            parameter asks ``suggest_categorical(name, values)``, for a boolean ``suggest_categorical(name, [True, False])``. None: inferred.
        name: Id of the optimizer's study; None: made from the Optuna study's name. Several processes with one name share the study.
        seed: Of the optimizer's study and of independent sampling.
        **options: What else :class:`superbatch.StudyOptions` has, such as ``algorithm``. The goal is Optuna's direction; give the number of trials to Optuna.

    Trials run at the same time (``n_jobs``, or several processes) each hold a lease that is kept in the background.
    """

    def __init__(
        self,
        client: str | Client = "127.0.0.1:7601",
        space: Mapping[str, Parameter | BaseDistribution] | None = None,
        *,
        name: str | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        self._client = Client(client) if isinstance(client, str) else client
        self._axes = None if space is None else _axes(space)
        self._name = name
        self._seed = seed
        self._options: StudyOptions = options  # type: ignore[assignment]
        self._independent = RandomSampler(seed)
        self._lock = threading.Lock()
        self._study: tuple[Mapping[str, _Axis], Study] | None = None
        self._spaces = 0
        self._held: dict[int, Trial] = {}

    @property
    def study(self) -> Study | None:
        """The optimizer's study; None before the first trial."""
        return None if self._study is None else self._study[1]

    def held(self, trial: FrozenTrial) -> Trial | None:
        """The lease of a trial that runs in this process; None if its point was not chosen by the optimizer."""
        return self._held.get(trial.number)

    def reseed_rng(self) -> None:
        """The independent sampler's only: the optimizer never gives a point to two."""
        self._independent.reseed_rng()

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Refuses what cannot be sampled."""
        if len(study.directions) > 1:
            raise ValueError("a study with several objectives cannot be sampled by Superbatch, whose studies have one")

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The space's parameters as Optuna sees them."""
        # A point that the user has enqueued is not the optimizer's choice; its result is told afterwards.
        if trial.system_attrs.get("fixed_params"):
            return {}
        return {name: axis.distribution for name, axis in self._axes_for(study).items()}

    def sample_relative(self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]) -> dict[str, Any]:
        """Leases a trial; Optuna's begins with its point."""
        if not search_space:
            return {}
        axes, chosen = self._study_for(study)
        leased = chosen.ask()
        self._held[trial.number] = leased
        study._storage.set_trial_system_attr(trial._trial_id, "superbatch:trial", leased.name)
        return {name: axes[name].to_optuna(value) for name, value in leased.parameters.items()}

    def sample_independent(self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution) -> Any:
        """At random: not a parameter of the space, or not active at this point."""
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Tells the result: of a pruned trial the last value, as stopped early; a failed one is abandoned, as Optuna forgets it too."""
        leased = self._held.pop(trial.number, None)
        last = trial.intermediate_values[max(trial.intermediate_values)] if trial.intermediate_values else None
        value = values[0] if values and state == TrialState.COMPLETE else last if state == TrialState.PRUNED else None
        if leased is None:
            if value is not None and math.isfinite(value):
                self._tell_unasked(study, trial, value)
        elif not leased.ended:
            self._end(leased, trial, value, state)

    def _end(self, leased: Trial, trial: FrozenTrial, value: float | None, state: TrialState) -> None:
        cost = trial.user_attrs.get(COST)
        if value is None:
            leased.abandon("failed in Optuna" if state == TrialState.FAIL else "pruned before its first value")
        elif not math.isfinite(value):
            leased.fail(f"the objective returned {value}", infeasible=True, cost=cost)
        else:
            self._report_curve(leased, trial)
            leased.complete(value, cost=cost, stopped_early=state == TrialState.PRUNED)

    def _report_curve(self, leased: Trial, trial: FrozenTrial) -> None:
        for step, value in sorted(trial.intermediate_values.items()):
            if step >= 0 and math.isfinite(value):
                try:
                    leased.report(step=step, value=value)
                except StopTrial:
                    # The trial is over already; the rest of its curve changes nothing.
                    return

    def _tell_unasked(self, study: optuna.Study, trial: FrozenTrial, value: float) -> None:
        """The result of a point that the optimizer has not chosen, if it is one of its space."""
        # Before the space is known there is nothing to tell it to; the study hears of this trial when it is made.
        if self._axes_for(study):
            axes, ours = self._study_for(study)
            _add(axes, ours, [trial], [value], [_cost(trial)])

    def _axes_for(self, study: optuna.Study) -> Mapping[str, _Axis]:
        if self._axes is not None:
            return self._axes
        common = optuna.search_space.intersection_search_space(study.get_trials(deepcopy=False))
        return _axes({name: distribution for name, distribution in common.items() if not distribution.single()})

    def _study_for(self, study: optuna.Study) -> tuple[Mapping[str, _Axis], Study]:
        """The optimizer's study; a new one, with what is known, when the inferred space has changed."""
        with self._lock:
            axes = self._axes_for(study)
            distributions = {name: axis.distribution for name, axis in axes.items()}
            if self._study is not None and {n: a.distribution for n, a in self._study[0].items()} == distributions:
                return self._study
            self._spaces += 1
            suffix = "" if self._spaces == 1 else f"-{self._spaces}"
            name = (self._name or study_id(study.study_name, "optuna")) + suffix
            goal = "maximize" if study.direction == optuna.study.StudyDirection.MAXIMIZE else "minimize"
            options: Any = {"goal": goal, **self._options, **({} if self._seed is None else {"seed": self._seed})}
            space = {parameter: axis.parameter for parameter, axis in axes.items()}
            try:
                ours = self._client.create_study(name, space, "value", **options)
                self._tell_history(study, axes, ours)
            except superbatch.AlreadyExists:
                ours = self._client.study(name)
            self._study = (axes, ours)
            return self._study

    def _tell_history(self, study: optuna.Study, axes: Mapping[str, _Axis], ours: Study) -> None:
        """What Optuna knows already."""
        known = [t for t in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)) if t.values and math.isfinite(t.values[0])]
        _add(axes, ours, known, [t.values[0] for t in known], [_cost(t) for t in known])


class SuperbatchPruner(BasePruner):
    """Prunes where the optimizer's own rule (option ``early_stopping`` of the sampler) says so: it gets the learning curves as they are reported.

    Args:
        sampler: Of the same Optuna study.
    """

    def __init__(self, sampler: SuperbatchSampler) -> None:
        self._sampler = sampler

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Reports the trial's last value; true if the optimizer wants no more of it."""
        leased = self._sampler.held(trial)
        step = trial.last_step
        if leased is None or step is None or step < 0 or not math.isfinite(trial.intermediate_values[step]):
            return False
        try:
            leased.report(step=step, value=trial.intermediate_values[step])
        except StopTrial:
            return True
        return False


def _cost(trial: FrozenTrial) -> float:
    """What a trial cost: as its objective says, or the seconds that it has run."""
    if COST in trial.user_attrs:
        return float(trial.user_attrs[COST])
    if trial.datetime_start is None:
        return _LEAST_COST
    end = trial.datetime_complete or datetime.datetime.now()
    return max(_LEAST_COST, (end - trial.datetime_start).total_seconds())


def _axes(space: Mapping[str, Parameter | BaseDistribution]) -> dict[str, _Axis]:
    return {
        name: _axis_of_distribution(entry) if isinstance(entry, BaseDistribution) else _axis_of_parameter(entry)
        for name, entry in space.items()
    }


def _add(axes: Mapping[str, _Axis], ours: Study, trials: Sequence[FrozenTrial], values: Sequence[float], costs: Sequence[float]) -> None:
    """Adds results, those whose point is not one of the space excepted."""
    for trial, value, cost in zip(trials, values, costs):
        try:
            point = {name: axis.to_superbatch(trial.params[name]) for name, axis in axes.items() if name in trial.params}
            ours.add([point], values=[value], costs=[cost])
        except (StopIteration, SuperbatchError) as error:
            log.info("trial %d of Optuna is not a point of %s: %s", trial.number, ours.name, error)


__all__ = ["COST", "SuperbatchPruner", "SuperbatchSampler"]
