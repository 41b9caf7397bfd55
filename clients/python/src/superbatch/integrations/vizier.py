"""Vizier's service protocol over an optimizer: programs written for the google-vizier client run as they are, and Superbatch chooses their trials.

::

    python -m superbatch.integrations.vizier --listen 127.0.0.1:28080 --optimizer 127.0.0.1:7601

and in the program, as with any Vizier server::

    from vizier.service import clients
    clients.environment_variables.server_endpoint = "127.0.0.1:28080"

Needs google-vizier, whose package has the protocol's messages. What the protocol has and Superbatch has not is refused with a reason: several objectives,
reverse logarithmic scales, metadata.
"""

from __future__ import annotations

import argparse
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Any, Callable, Mapping

import grpc
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2
from vizier._src.service import study_pb2, vizier_service_pb2 as pb, vizier_service_pb2_grpc

from superbatch import AlreadyExists, Client, Result, Study, StudyCompleted, SuperbatchError, Trial, TrialRecord
from superbatch.errors import StopTrial

from ._shared import study_id
from ._vizier_messages import (
    STUDY_STATES,
    TRIAL_STATES,
    Refused,
    labels_of,
    metrics_of,
    objective_metric,
    objective_of,
    owner_of,
    parameters_of,
    safety_constraints,
    seconds_of,
    spec_of,
    study_message,
    trial_message,
    value_of,
)

#: Superbatch's algorithm by Vizier's name for it.
_ALGORITHMS: Mapping[str, str | None] = {
    "": None,
    "DEFAULT": None,
    "ALGORITHM_UNSPECIFIED": None,
    "GP_UCB_PE": None,
    "GAUSSIAN_PROCESS_BANDIT": None,
    "RANDOM_SEARCH": "random",
    "QUASI_RANDOM_SEARCH": "sobol",
}


class VizierGateway(vizier_service_pb2_grpc.VizierServiceServicer):
    """Vizier's service over a client of an optimizer. It holds the leases of the trials that it has handed out: one that is stopped gives them back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        #: Leases by the trial's name in Vizier, with the client that has asked for them.
        self._held: dict[str, tuple[str, Trial]] = {}
        self._stopping: set[str] = set()

    def close(self) -> None:
        """Gives back what runs."""
        for _, trial in list(self._held.values()):
            if not trial.ended:
                trial.give_back()

    def CreateStudy(self, request: pb.CreateStudyRequest, context: grpc.ServicerContext) -> study_pb2.Study:
        """Creates a study, or returns the one of that owner and name."""

        def create() -> study_pb2.Study:
            spec, owner, name = request.study.study_spec, request.parent.removeprefix("owners/"), request.study.display_name
            metric = objective_metric(spec)
            if spec.algorithm not in _ALGORITHMS:
                raise Refused(f"there is no algorithm {spec.algorithm}; there are {', '.join(filter(None, _ALGORITHMS))}")
            algorithm = _ALGORITHMS[spec.algorithm]
            options: Any = {} if algorithm is None else {"algorithm": algorithm}
            if spec.HasField("default_stopping_spec"):
                options["early_stopping"] = "median"
            options["goal"] = "maximize" if metric.goal == study_pb2.StudySpec.MetricSpec.MAXIMIZE else "minimize"
            options["outcome_constraints"] = safety_constraints(spec)
            space, labels = dict(parameters_of(spec.parameters)), labels_of(spec, owner, name)
            ours = study_id(f"{owner}-{name}", "vizier")
            try:
                return study_message(self._client.create_study(ours, space, "objective", labels=labels, **options))
            except AlreadyExists:
                return study_message(self._client.study(ours))

        return _answer(context, create)

    def GetStudy(self, request: pb.GetStudyRequest, context: grpc.ServicerContext) -> study_pb2.Study:
        """A study."""
        return _answer(context, lambda: study_message(self._study(request.name)))

    def ListStudies(self, request: pb.ListStudiesRequest, context: grpc.ServicerContext) -> pb.ListStudiesResponse:
        """The studies of an owner."""
        owner = request.parent.removeprefix("owners/")

        def listed() -> pb.ListStudiesResponse:
            of_owner = (study for study in self._client.studies() if owner_of(study) == owner)
            return pb.ListStudiesResponse(studies=[study_message(study) for study in of_owner])

        return _answer(context, listed)

    def DeleteStudy(self, request: pb.DeleteStudyRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Deletes a study."""
        _answer(context, lambda: self._study(request.name).delete())
        return empty_pb2.Empty()

    def SetStudyState(self, request: pb.SetStudyStateRequest, context: grpc.ServicerContext) -> study_pb2.Study:
        """Active again, or paused."""

        def change() -> study_pb2.Study:
            study = self._study(request.parent)
            if request.state == study_pb2.Study.ACTIVE:
                study.resume()
            else:
                study.pause()
            return study_message(study)

        return _answer(context, change)

    def SuggestTrials(self, request: pb.SuggestTrialsRequest, context: grpc.ServicerContext) -> operations_pb2.Operation:
        """Trials that this client already has, then new ones; the operation that is returned is done."""

        def suggest() -> operations_pb2.Operation:
            study = self._study(request.parent)
            if study.state == "paused":
                raise Refused(f"{request.parent} is not active", grpc.StatusCode.FAILED_PRECONDITION)
            mine = [trial for client, trial in self._of(request.parent).values() if client == request.client_id and not trial.ended]
            chosen = mine[: request.suggestion_count]
            try:
                while len(chosen) < request.suggestion_count:
                    trial = study.ask(worker=request.client_id)
                    with self._lock:
                        self._held[f"{request.parent}/trials/{trial.number}"] = (request.client_id, trial)
                    chosen.append(trial)
            except StudyCompleted:
                pass
            trials = [self._message(study, request.parent, study.trial(trial.number)) for trial in chosen]
            operation = operations_pb2.Operation(name=f"{request.parent}/operations/{request.client_id}", done=True)
            operation.response.Pack(pb.SuggestTrialsResponse(trials=trials, study_state=STUDY_STATES[study.state]))
            return operation

        return _answer(context, suggest)

    def CreateTrial(self, request: pb.CreateTrialRequest, context: grpc.ServicerContext) -> study_pb2.Trial:
        """A known result, or a point to try."""

        def create() -> study_pb2.Trial:
            study, given = self._study(request.parent), request.trial
            space = dict(parameters_of(spec_of(study).parameters))
            point = {entry.parameter_id: value_of(entry.value, space.get(entry.parameter_id)) for entry in given.parameters}
            if given.state == study_pb2.Trial.SUCCEEDED:
                value, cost = objective_of(spec_of(study), given.final_measurement), seconds_of(given.final_measurement)
                if value is None:
                    raise Refused("trial.final_measurement: lacks the study's metric")
                metrics = metrics_of(given.final_measurement)
                added = study.add([point], values=[value], costs=[cost or 1.0], metrics=[metrics])
            else:
                added = study.add([point])
            return self._message(study, request.parent, added[0])

        return _answer(context, create)

    def GetTrial(self, request: pb.GetTrialRequest, context: grpc.ServicerContext) -> study_pb2.Trial:
        """A trial with its measurements."""
        return _answer(context, lambda: self._read(request.name))

    def ListTrials(self, request: pb.ListTrialsRequest, context: grpc.ServicerContext) -> pb.ListTrialsResponse:
        """All trials, those that were deleted excepted."""

        def listed() -> pb.ListTrialsResponse:
            study = self._study(request.parent)
            records = [record for record in study.trials(progress=True) if record.state in TRIAL_STATES]
            return pb.ListTrialsResponse(trials=[self._message(study, request.parent, record) for record in records])

        return _answer(context, listed)

    def ListOptimalTrials(self, request: pb.ListOptimalTrialsRequest, context: grpc.ServicerContext) -> pb.ListOptimalTrialsResponse:
        """The trial with the best value; none before the first result."""

        def best() -> pb.ListOptimalTrialsResponse:
            study = self._study(request.parent)
            name = study.proto.progress.best_trial
            trials = [self._message(study, request.parent, study.trial(int(name.rsplit("/", 1)[1])))] if name else []
            return pb.ListOptimalTrialsResponse(optimal_trials=trials)

        return _answer(context, best)

    def AddTrialMeasurement(self, request: pb.AddTrialMeasurementRequest, context: grpc.ServicerContext) -> study_pb2.Trial:
        """A point of the learning curve."""

        def add() -> study_pb2.Trial:
            trial, measurement = self._trial(request.trial_name), request.measurement
            value = objective_of(spec_of(self._study_of_trial(request.trial_name)), measurement)
            try:
                trial.report(step=measurement.step_count, value=value, metrics=metrics_of(measurement), cost=seconds_of(measurement))
            except StopTrial:
                self._stopping.add(request.trial_name)
            return self._read(request.trial_name)

        return _answer(context, add)

    def CompleteTrial(self, request: pb.CompleteTrialRequest, context: grpc.ServicerContext) -> study_pb2.Trial:
        """With the final measurement, or the last one that was added; or infeasible."""

        def complete() -> study_pb2.Trial:
            trial, study = self._trial(request.name), self._study_of_trial(request.name)
            if request.trial_infeasible:
                trial.fail(request.infeasible_reason or "infeasible", infeasible=True)
            else:
                given = request.final_measurement
                if not request.HasField("final_measurement"):
                    curve = self._read(request.name).measurements
                    if not curve:
                        raise Refused("final_measurement: is needed, since nothing was measured before")
                    given = curve[-1]
                value = objective_of(spec_of(study), given)
                if value is None:
                    raise Refused("final_measurement: lacks the study's metric")
                stopped = request.name in self._stopping
                trial.complete(Result(value, seconds_of(given), metrics_of(given), stopped))
            with self._lock:
                self._held.pop(request.name, None)
            return self._read(request.name)

        return _answer(context, complete)

    def DeleteTrial(self, request: pb.DeleteTrialRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The study forgets a trial that has no result yet."""
        _answer(context, lambda: self._trial(request.name).abandon("deleted by a Vizier client"))
        return empty_pb2.Empty()

    def CheckTrialEarlyStoppingState(
        self, request: pb.CheckTrialEarlyStoppingStateRequest, context: grpc.ServicerContext
    ) -> pb.CheckTrialEarlyStoppingStateResponse:
        """Whether the study's rule has said to stop, or a client has."""

        def look() -> pb.CheckTrialEarlyStoppingStateResponse:
            try:
                self._trial(request.trial_name).check()
            except StopTrial:
                self._stopping.add(request.trial_name)
            return pb.CheckTrialEarlyStoppingStateResponse(should_stop=request.trial_name in self._stopping)

        return _answer(context, look)

    def StopTrial(self, request: pb.StopTrialRequest, context: grpc.ServicerContext) -> study_pb2.Trial:
        """Tells whoever works on it."""

        def stop() -> study_pb2.Trial:
            self._trial(request.name)
            self._stopping.add(request.name)
            return self._read(request.name)

        return _answer(context, stop)

    def UpdateMetadata(self, request: pb.UpdateMetadataRequest, context: grpc.ServicerContext) -> pb.UpdateMetadataResponse:
        """Refused: there is no place for it."""
        return pb.UpdateMetadataResponse(error_details="Superbatch keeps no metadata of Vizier clients")

    def _study(self, name: str) -> Study:
        owner, _, study = name.removeprefix("owners/").partition("/studies/")
        return self._client.study(study_id(f"{owner}-{study}", "vizier"))

    def _study_of_trial(self, name: str) -> Study:
        return self._study(name.rpartition("/trials/")[0])

    def _of(self, study: str) -> dict[str, tuple[str, Trial]]:
        with self._lock:
            return {name: held for name, held in self._held.items() if name.startswith(f"{study}/")}

    def _trial(self, name: str) -> Trial:
        with self._lock:
            if name in self._held:
                return self._held[name][1]
        raise Refused(f"{name} is not active: this gateway has not handed it out, or it has ended", grpc.StatusCode.FAILED_PRECONDITION)

    def _read(self, name: str) -> study_pb2.Trial:
        parent, _, number = name.rpartition("/trials/")
        study = self._study(parent)
        return self._message(study, parent, study.trial(int(number)))

    def _message(self, study: Study, parent: str, record: TrialRecord) -> study_pb2.Trial:
        name = f"{parent}/trials/{record.number}"
        return trial_message(study, name, record, name in self._stopping)


def _answer(context: grpc.ServicerContext, work: Callable[[], Any]) -> Any:
    """What work returns; its refusals as statuses."""
    try:
        return work()
    except Refused as refusal:
        context.abort(refusal.code, str(refusal))
    except SuperbatchError as error:
        context.abort(error.code, str(error))


def serve(client: Client, listen: str, workers: int = 32) -> tuple[grpc.Server, VizierGateway, int]:
    """Starts a gateway, in the clear. Returns the server, the gateway and its port."""
    server = grpc.server(futures.ThreadPoolExecutor(workers))
    gateway = VizierGateway(client)
    vizier_service_pb2_grpc.add_VizierServiceServicer_to_server(gateway, server)
    port = server.add_insecure_port(listen)
    server.start()
    return server, gateway, port


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m superbatch.integrations.vizier", description="Vizier's service protocol over a Superbatch optimizer.")
    parser.add_argument("--listen", default="127.0.0.1:28080", help="HOST:PORT (default: %(default)s); in the clear, as Vizier's own server")
    parser.add_argument("--optimizer", default="127.0.0.1:7601", help="HOST:PORT of the optimizer (default: %(default)s)")
    parser.add_argument("--ca", help="PEM file with the authorities of the optimizer's certificate; turns TLS on")
    parser.add_argument("--token-file", help="file with the bearer token for the optimizer, read anew for each call")
    parser.add_argument("--project", default="default", help="project of the optimizer (default: %(default)s)")
    options = parser.parse_args()
    token = None if options.token_file is None else lambda: Path(options.token_file).read_text().strip()
    with Client(options.optimizer, token=token, ca=options.ca, project=options.project) as client:
        server, gateway, port = serve(client, options.listen)
        print(f"ready on {options.listen.rsplit(':', 1)[0]}:{port}", flush=True)
        try:
            server.wait_for_termination()
        except KeyboardInterrupt:
            server.stop(5).wait()
            gateway.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
