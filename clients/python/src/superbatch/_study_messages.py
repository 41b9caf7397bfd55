"""What a study sends and what answers mean, without the transport. Shared by the blocking and the asyncio client."""

from __future__ import annotations

import os
import socket
import threading
from typing import Iterable, Mapping, Sequence

from superbatch.optimizer.v1 import optimizer_service_pb2 as pb
from superbatch.optimizer.v1 import study_pb2, trial_pb2

from ._attempt import request_id
from .errors import NoTrial, StudyCompleted
from .records import Cost, Event, Prediction, cost_to_proto
from .space import Point, point_to_proto

#: Length of one long poll.
WAIT_SECONDS = 20.0
#: Pauses between polls that came back empty at once.
MIN_PAUSE, MAX_PAUSE = 0.2, 5.0


def study_name(name: str, project: str) -> str:
    """A whole name from a study's id, or the whole name itself."""
    return name if name.startswith("projects/") else f"projects/{project}/studies/{name}"


def worker_name() -> str:
    """Unique among the workers: host, process and thread."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


def lease_request(study: str, worker: str, wait: float, capabilities: Mapping[str, str] | None) -> pb.LeaseTrialsRequest:
    """A long poll for one trial."""
    return pb.LeaseTrialsRequest(
        study=study,
        worker=worker,
        count=1,
        wait_seconds=wait,
        capabilities=capabilities or {},
        request_id=request_id(),
    )


def check_poll(response: pb.LeaseTrialsResponse, study: str, left: float | None) -> float:
    """Seconds to wait after a poll without a lease.

    Args:
        left: Seconds that the caller would still wait; None: without end.

    Raises:
        StudyCompleted: if there will be no more trials.
        NoTrial: if the caller's time is over.
    """
    if response.study_completed:
        raise StudyCompleted(f"{study} is completed")
    if left is not None and left <= 0:
        raise NoTrial(response.reason or f"{study} has no trial now")
    pause = min(MAX_PAUSE, max(MIN_PAUSE, response.retry_after_seconds))
    return pause if left is None else min(pause, left)


def add_request(
    study: str,
    points: Sequence[Point],
    values: Sequence[float] | None,
    costs: Sequence[float | Cost] | None,
    metrics: Sequence[Mapping[str, float]] | None,
    labels: Mapping[str, str] | None,
) -> pb.AddTrialsRequest:
    """Points to try, or known results.

    Raises:
        ValueError: if values and costs are not both given, or not as many as points; likewise metrics, which may be left out.
    """
    if (values is None) != (costs is None):
        raise ValueError("values and costs belong together: give both or none")
    if values is not None and costs is not None and not len(points) == len(values) == len(costs):
        raise ValueError(f"{len(points)} points, {len(values)} values and {len(costs)} costs: give as many of each")
    if metrics is not None and (values is None or len(metrics) != len(points)):
        raise ValueError(f"{len(points)} points and {len(metrics)} mappings of metrics: give as many of each, with values and costs")
    request = pb.AddTrialsRequest(study=study, request_id=request_id())
    for i, point in enumerate(points):
        trial = request.trials.add(parameters=point_to_proto(point), labels=labels or {})
        if values is not None and costs is not None:
            others = {} if metrics is None else metrics[i]
            trial.measurement.CopyFrom(trial_pb2.Measurement(value=values[i], metrics=others, cost=cost_to_proto(costs[i])))
    return request


def list_trials_request(study: str, states: Iterable[str], progress: bool, page_token: str) -> pb.ListTrialsRequest:
    """A page of trials. Raises ValueError for a state that there is not."""
    wanted = [f"TRIAL_STATE_{state.upper()}" for state in states]
    return pb.ListTrialsRequest(study=study, states=wanted, include_progress=progress, page_token=page_token)


def posterior_request(study: str, points: Sequence[Point]) -> pb.QueryPosteriorRequest:
    """What the model says at points."""
    return pb.QueryPosteriorRequest(study=study, points=[pb.QueryPoint(parameters=point_to_proto(point)) for point in points])


def predictions(response: pb.QueryPosteriorResponse) -> list[Prediction]:
    """The model's answer."""
    return [
        Prediction(p.mean, p.sd, p.expected_cost, p.acquisition if p.HasField("acquisition") else None)
        for p in response.predictions
    ]


def update_request(study: str, state: str | None, **budget: float | None) -> pb.UpdateStudyRequest:
    """Pauses, resumes, or replaces the budget by the limits that are given."""
    wanted = f"STUDY_STATE_{(state or 'unspecified').upper()}"
    request = pb.UpdateStudyRequest(name=study, state=wanted, request_id=request_id())
    for name, limit in budget.items():
        if limit is not None:
            setattr(request.budget, name, limit)
    return request


def event(response: pb.WatchStudyResponse) -> Event:
    """Something that happened."""
    kind = pb.EventKind.Name(response.kind).removeprefix("EVENT_KIND_").lower()
    return Event(response.sequence, kind, response.trial.name, response.message)


def summary(study: study_pb2.Study) -> list[tuple[str, object]]:
    """What people want to see of a study first."""
    progress = study.progress
    return [
        ("study", study.name),
        ("state", study_pb2.StudyState.Name(study.state).removeprefix("STUDY_STATE_").lower()),
        ("metric", study.spec.objective.metric),
        ("parameters", ", ".join(parameter.name for parameter in study.spec.space.parameters)),
        ("completed", progress.completed),
        ("running", progress.running),
        ("cost", f"{progress.cost.total:.6g} {study.spec.cost_unit}"),
        ("best trial", progress.best_trial.rsplit("/", 1)[-1]),
    ]
