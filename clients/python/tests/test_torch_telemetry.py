"""What the PyTorch trainer tells a collector, against the suite's schema."""

import gzip
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from conftest import unique
from torch_trainers import SPACE, start_trainer, wait_for

import superbatch as sb
from superbatch import conventions as names

# A fixture of the tests below.
__all__ = ["start_trainer"]


class Collector(HTTPServer):
    """An OTLP/HTTP endpoint.

    Attributes:
        spans: Received, each with the attributes of its service.
        metrics: Received, each with the attributes of its service.
    """

    def __init__(self):
        from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        spans, metrics = self.spans, self.metrics = [], []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                        spans.extend((attributes_of(resource.resource), span) for scope in resource.scope_spans for span in scope.spans)
                elif self.path == "/v1/metrics":
                    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                        metrics.extend((attributes_of(resource.resource), each) for scope in resource.scope_metrics for each in scope.metrics)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def endpoint(self):
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.server_address[1]}"}

    def end(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


@pytest.fixture
def collector():
    started = Collector()
    yield started
    started.end()


def attributes_of(message):
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in message.attributes}


def costs(attributes):
    phases = (names.ATTRIBUTE_COST_SCORING, names.ATTRIBUTE_COST_GRADIENT, names.ATTRIBUTE_COST_EVALUATION, names.ATTRIBUTE_COST_DATA)
    return [attributes[name] for name in (*phases, names.ATTRIBUTE_COST_TOTAL)]


def recorded(cost):
    return [cost.scoring, cost.gradient, cost.evaluation, cost.data, cost.total]


def test_what_it_sends_is_all_that_the_schema_has_of_an_attempt_and_nothing_else(client, collector, start_trainer, start_replica):
    # With mini-batches of another size steps can be left over after the last whole epoch, and they are evaluated by themselves.
    space = {**SPACE, "batch_size": sb.Fixed(20)}
    study = client.create_study(unique(), space, "validation_error", algorithm="random", max_trials=1)
    sampler = start_replica("importance-sampler").address
    flags = ["--study", study.name, "--until-completed", "--sampler-address", sampler]
    status, log = start_trainer(*flags, environment=collector.endpoint()).end()
    assert status == 0, log
    [trial] = study.trials("completed")
    _, trace, parent, _ = trial.traceparent.split("-")

    assert {resource["service.name"] for resource, _ in collector.spans} == {"torch-trainer"}
    spans = [span for _, span in collector.spans]
    [attempt] = [span for span in spans if span.name == names.SPAN_TRAIN]
    epochs = [span for span in spans if span.name == names.SPAN_TRAIN_EPOCH]
    assert len(epochs) == 2 and len(spans) == 3
    assert attempt.trace_id.hex() == trace and attempt.parent_span_id.hex() == parent
    for span in epochs:
        assert span.trace_id.hex() == trace and span.parent_span_id == attempt.span_id
    for span in spans:
        assert {key: type(value) for key, value in attributes_of(span).items()} == names.SPAN_ATTRIBUTES[span.name]

    # Costs add up to what the trial is recorded with; what is left is what follows the last evaluation.
    assert costs(attributes_of(attempt)) == pytest.approx(recorded(trial.cost))
    summed = [sum(each) for each in zip(*(costs(attributes_of(span)) for span in epochs))]
    assert summed == pytest.approx(recorded(trial.cost), rel=0.02, abs=1e-3)

    [(resource, metric)] = collector.metrics[-1:]
    assert resource["service.name"] == "torch-trainer" and resource["service.instance.id"]
    assert {each.name for _, each in collector.metrics} == {metric.name} == {names.METRIC_WORK_DURATION}
    [point] = metric.histogram.data_points
    assert (metric.unit, tuple(point.explicit_bounds), point.count) == ("s", names.METRIC_BOUNDARIES[metric.name], 1)
    assert attributes_of(point) == {names.ATTRIBUTE_WORK: names.SPAN_TRAIN}
    assert set(attributes_of(point)) <= set(names.METRIC_ATTRIBUTES[metric.name])
    exemplars = [exemplar for _, each in collector.metrics for point in each.histogram.data_points for exemplar in point.exemplars]
    assert [exemplar.trace_id.hex() for exemplar in exemplars] == [trace]


def test_costs_on_spans_are_in_the_studys_unit(client, collector, start_trainer):
    study = client.create_study(unique(), SPACE, "validation_error", algorithm="random", max_trials=1)
    flags = ["--study", study.name, "--until-completed", "--cost-per-second", "7"]
    status, log = start_trainer(*flags, environment=collector.endpoint()).end()
    assert status == 0, log
    [trial] = study.trials("completed")
    [attempt] = [attributes_of(span) for _, span in collector.spans if span.name == names.SPAN_TRAIN]
    assert costs(attempt) == pytest.approx(recorded(trial.cost))
    assert names.ATTRIBUTE_COST_UNIT not in attempt


def test_a_collector_that_is_away_does_not_hold_up_the_end(client, start_trainer):
    study = client.create_study(unique(), SPACE, "validation_error", algorithm="random", max_trials=1)
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    trainer = start_trainer("--study", study.name, "--until-completed", environment=away)
    wait_for(lambda: study.trials("completed"))
    completed = time.monotonic()
    status, log = trainer.end()
    assert status == 0, log
    assert time.monotonic() - completed < 12
