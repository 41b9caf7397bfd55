"""Vizier's messages from our records, and back."""

from __future__ import annotations

import base64
from typing import Any, Iterator, Mapping

import grpc
from vizier._src.service import study_pb2

from superbatch import OutcomeConstraint, Study, TrialRecord
from superbatch.space import Categorical, Discrete, Float, Integer, Parameter, Value

#: The spec as Vizier's client sent it is kept in the study's labels, in pieces as long as a label may be.
_SPEC, _PIECE = "vizier/spec", 1000
_OWNER, _STUDY = "vizier/owner", "vizier/study"

#: By the name of ours.
TRIAL_STATES = {
    "suggested": study_pb2.Trial.REQUESTED,
    "leased": study_pb2.Trial.ACTIVE,
    "running": study_pb2.Trial.ACTIVE,
    "completed": study_pb2.Trial.SUCCEEDED,
    "infeasible": study_pb2.Trial.INFEASIBLE,
    "failed": study_pb2.Trial.INFEASIBLE,
}
STUDY_STATES = {"active": study_pb2.Study.ACTIVE, "paused": study_pb2.Study.INACTIVE, "completed": study_pb2.Study.COMPLETED}


class Refused(Exception):
    """What the protocol asks for and Superbatch does not have, or what the request has wrong."""

    def __init__(self, message: str, code: grpc.StatusCode = grpc.StatusCode.INVALID_ARGUMENT) -> None:
        super().__init__(message)
        self.code = code


def parameters_of(specs: Any, when: Mapping[str, list[Value]] | None = None) -> Iterator[tuple[str, Parameter]]:
    """Parameters by name; those below a value of another one are active under it alone."""
    for spec in specs:
        name, kind = spec.parameter_id, spec.WhichOneof("parameter_value_spec")
        if spec.scale_type == study_pb2.StudySpec.ParameterSpec.UNIT_REVERSE_LOG_SCALE:
            raise Refused(f"{name}: there are no reverse logarithmic scales")
        log = spec.scale_type == study_pb2.StudySpec.ParameterSpec.UNIT_LOG_SCALE
        if kind == "double_value_spec":
            yield name, Float(spec.double_value_spec.min_value, spec.double_value_spec.max_value, log, when=when)
        elif kind == "integer_value_spec":
            yield name, Integer(spec.integer_value_spec.min_value, spec.integer_value_spec.max_value, log, when=when)
        elif kind == "discrete_value_spec":
            yield name, Discrete(sorted(spec.discrete_value_spec.values), log, when=when)
        elif kind == "categorical_value_spec":
            yield name, Categorical(*spec.categorical_value_spec.values, when=when)
        else:
            raise Refused(f"{name}: has no values")
        for child in spec.conditional_parameter_specs:
            condition = getattr(child, child.WhichOneof("parent_value_condition"))
            yield from parameters_of([child.parameter_spec], {name: list(condition.values)})


def objective_metric(spec: study_pb2.StudySpec) -> study_pb2.StudySpec.MetricSpec:
    """The metric that a study optimizes; refused if there are several."""
    metrics = [metric for metric in spec.metrics if not metric.HasField("safety_config")]
    if len(metrics) != 1:
        raise Refused("a study has exactly one metric besides those for safety")
    return metrics[0]


def safety_constraints(spec: study_pb2.StudySpec) -> list[OutcomeConstraint]:
    """Metrics for safety as outcome constraints: of one to minimize the threshold is the largest value that is safe, of others the smallest.

    A wished share of safe trials is refused: the probability of being safe weighs what a trial tells, and nothing holds a share.
    """
    constraints: list[OutcomeConstraint] = []
    for metric in spec.metrics:
        if not metric.HasField("safety_config"):
            continue
        if metric.safety_config.desired_min_safe_trials_fraction > 0:
            raise Refused(f"{metric.metric_id}: there is no desired_min_safe_trials_fraction")
        threshold = metric.safety_config.safety_threshold
        if metric.goal == study_pb2.StudySpec.MetricSpec.MINIMIZE:
            constraints.append(OutcomeConstraint(metric.metric_id, at_most=threshold))
        else:
            constraints.append(OutcomeConstraint(metric.metric_id, at_least=threshold))
    return constraints


def labels_of(spec: study_pb2.StudySpec, owner: str, name: str) -> dict[str, str]:
    """Labels that a study of this spec is created with."""
    text = base64.b64encode(spec.SerializeToString()).decode()
    pieces = {f"{_SPEC}/{i}": text[i * _PIECE : (i + 1) * _PIECE] for i in range(-(-len(text) // _PIECE))}
    return {_OWNER: owner, _STUDY: name, **pieces}


def owner_of(study: Study) -> str | None:
    """The owner in Vizier; None if the study was not created by its protocol."""
    return study.proto.spec.labels.get(_OWNER)


def spec_of(study: Study) -> study_pb2.StudySpec:
    """The spec as Vizier's client sent it."""
    labels = study.proto.spec.labels
    text = "".join(labels[f"{_SPEC}/{place}"] for place in range(sum(name.startswith(f"{_SPEC}/") for name in labels)))
    return study_pb2.StudySpec.FromString(base64.b64decode(text))


def study_message(study: Study) -> study_pb2.Study:
    """A study."""
    labels = study.proto.spec.labels
    return study_pb2.Study(
        name=f"owners/{labels[_OWNER]}/studies/{labels[_STUDY]}",
        display_name=labels[_STUDY],
        study_spec=spec_of(study),
        state=STUDY_STATES[study.state],
        create_time=study.proto.create_time,
        inactive_reason=study.proto.state_reason,
    )


def _measurement(metric: str, values: Mapping[str, float], value: float | None, step: int, seconds: float) -> study_pb2.Measurement:
    all_values = {**values, **({} if value is None else {metric: value})}
    metrics = [study_pb2.Measurement.Metric(metric_id=name, value=number) for name, number in all_values.items()]
    message = study_pb2.Measurement(step_count=step, metrics=metrics)
    message.elapsed_duration.FromNanoseconds(int(seconds * 1e9))
    return message


def trial_message(study: Study, name: str, record: TrialRecord, stopping: bool) -> study_pb2.Trial:
    """A trial with its measurements.

    Args:
        name: Its name in Vizier.
        stopping: Whether a client or the study's rule has said that it is to stop.
    """
    metric = objective_metric(spec_of(study)).metric_id
    message = study_pb2.Trial(name=name, id=str(record.number), client_id=record.worker, state=TRIAL_STATES.get(record.state, 0))
    if message.state == study_pb2.Trial.ACTIVE and stopping:
        message.state = study_pb2.Trial.STOPPING
    for parameter, value in record.parameters.items():
        entry = message.parameters.add(parameter_id=parameter)
        if isinstance(value, str):
            entry.value.string_value = value
        else:
            entry.value.number_value = value
    for point in record.progress:
        values = {name: value for name, value in point.metrics.items() if name != "objective"}
        total = (point.cost.total if point.cost else None) or 0.0
        message.measurements.append(_measurement(metric, values, point.metrics.get("objective"), point.step, total))
    if record.value is not None:
        message.final_measurement.CopyFrom(_measurement(metric, record.metrics, record.value, 0, record.cost.total or 0.0))
    if message.state == study_pb2.Trial.INFEASIBLE:
        message.infeasible_reason = record.reason
    for field, time in (("start_time", record.start_time), ("end_time", record.end_time)):
        if time is not None:
            getattr(message, field).FromDatetime(time)
    return message


def objective_of(spec: study_pb2.StudySpec, measurement: study_pb2.Measurement) -> float | None:
    """The value of the study's metric."""
    metric = objective_metric(spec).metric_id
    return next((entry.value for entry in measurement.metrics if entry.metric_id == metric), None)


def metrics_of(measurement: study_pb2.Measurement) -> dict[str, float]:
    """All metrics by name."""
    return {entry.metric_id: entry.value for entry in measurement.metrics if entry.metric_id}


def seconds_of(measurement: study_pb2.Measurement) -> float | None:
    """What it cost; None, for the seconds since the trial was handed out, if the client does not say."""
    seconds = measurement.elapsed_duration.ToNanoseconds() / 1e9
    return seconds if seconds > 0 else None


def value_of(value: Any, parameter: Parameter | None) -> Value:
    """A parameter's value as Superbatch has it."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return str(value.string_value)
    number = value.bool_value if kind == "bool_value" else value.number_value
    # To Vizier's client a boolean is a category that has a truth value.
    return str(bool(number)) if isinstance(parameter, Categorical) else float(number)
