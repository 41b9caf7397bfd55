"""Spans of a trainer's attempts, in the traces of their trials, and how long attempts took: the suite's telemetry schema. Without opentelemetry-sdk nothing is recorded."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
import uuid
from contextlib import contextmanager
from typing import Any, Iterator, Mapping

from .. import conventions as names
from ..records import Cost
from .cost import add_costs, scaled_cost
from .results import CurvePoint

log = logging.getLogger("superbatch.torch")

_SHUTDOWN_SECONDS = 2.0


class AttemptSpan:
    """The span of one attempt, ``superbatch.train``; the time between two points of its learning curve is a ``superbatch.train.epoch``.

    Args:
        cost_per_second: In the study's unit, so that spans add up to what the trial is recorded with.
    """

    def __init__(self, tracer: Any = None, span: Any = None, cost_per_second: float = 1.0) -> None:
        self._tracer, self._span, self._cost_per_second = tracer, span, cost_per_second
        self._since = time.time_ns()
        self._before = Cost(0.0)

    @property
    def traceparent(self) -> str | None:
        """W3C trace context, for calls that belong to the attempt; None without tracing."""
        if self._span is None:
            return None
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def point(self, point: CurvePoint) -> None:
        """The epoch that ends now."""
        if self._span is None:
            return
        attributes = {
            **self._costs(add_costs(point.cost, scaled_cost(self._before, -1.0))),
            names.ATTRIBUTE_EPOCH: math.ceil(point.epoch),
            names.ATTRIBUTE_STEP: point.step,
            names.ATTRIBUTE_TAU: point.tau,
            names.ATTRIBUTE_IMPORTANCE_SHARE: point.importance_steps / point.step,
        }
        # The attempt's span is the current one, hence the parent.
        span = self._tracer.start_span(names.SPAN_TRAIN_EPOCH, start_time=self._since, attributes=attributes)
        self._since, self._before = time.time_ns(), point.cost
        span.end(self._since)

    def spent(self, cost: Cost) -> None:
        """What the attempt cost, in seconds."""
        if self._span is not None:
            self._span.set_attributes(self._costs(cost))

    def _costs(self, seconds: Cost) -> dict[str, float]:
        cost = scaled_cost(seconds, self._cost_per_second)
        return {
            names.ATTRIBUTE_COST_SCORING: cost.scoring,
            names.ATTRIBUTE_COST_GRADIENT: cost.gradient,
            names.ATTRIBUTE_COST_EVALUATION: cost.evaluation,
            names.ATTRIBUTE_COST_DATA: cost.data,
            names.ATTRIBUTE_COST_TOTAL: cost.total or 0.0,
        }


class Tracing:
    """Exports by OTLP over HTTP to where the usual variables say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER=none, OTEL_SDK_DISABLED …).

    Args:
        service: Name in traces.
    """

    def __init__(self, service: str = "torch-trainer") -> None:
        self._tracer: Any = None
        self._duration: Any = None
        self._providers: list[Any] = []
        traces, metrics = _exported("TRACES"), _exported("METRICS")
        if not traces and not metrics:
            return
        try:
            from opentelemetry.sdk.resources import OTELResourceDetector, Resource

            # Two processes of one service must not write the same series: each has an id.
            own: dict[str, Any] = {
                "service.name": service,
                "service.namespace": "superbatch",
                "service.instance.id": str(uuid.uuid4()),
                "process.pid": os.getpid(),
            }
            # The environment's attributes win, as OpenTelemetry specifies.
            resource = Resource(own).merge(OTELResourceDetector().detect())
            if traces:
                self._trace(resource)
            if metrics:
                self._measure(resource)
        except ImportError:
            log.warning("an OTLP endpoint is set, but OpenTelemetry is not installed: pip install 'superbatch[tracing]'")

    def _trace(self, resource: Any) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = provider.get_tracer("superbatch.torch")
        self._providers.append(provider)

    def _measure(self, resource: Any) -> None:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

        provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource=resource, shutdown_on_exit=False)
        name = names.METRIC_WORK_DURATION
        self._duration = provider.get_meter("superbatch.torch").create_histogram(
            name, unit="s", explicit_bucket_boundaries_advisory=names.METRIC_BOUNDARIES[name]
        )
        self._providers.append(provider)

    @contextmanager
    def attempt(self, traceparent: str, attributes: Mapping[str, str], cost_per_second: float = 1.0) -> Iterator[AttemptSpan]:
        """The block is an attempt at the trial of that trace."""
        if self._tracer is None:
            with self._measured():
                yield AttemptSpan()
            return
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span(names.SPAN_TRAIN, context=parent, attributes=attributes) as span:
            # Within the span, so that an exemplar can lead to it.
            with self._measured():
                yield AttemptSpan(self._tracer, span, cost_per_second)

    @contextmanager
    def _measured(self) -> Iterator[None]:
        labels = {names.ATTRIBUTE_WORK: names.SPAN_TRAIN}
        start = time.monotonic()
        try:
            yield
        except BaseException as error:
            labels[names.ATTRIBUTE_ERROR_TYPE] = type(error).__name__
            raise
        finally:
            if self._duration is not None:
                self._duration.record(time.monotonic() - start, labels)

    def shutdown(self) -> None:
        """Sends what is waiting. A collector that is away does not hold up the end: its exporters would try for ten seconds each."""
        ending = [threading.Thread(target=provider.shutdown, daemon=True) for provider in self._providers]
        for thread in ending:
            thread.start()
        end = time.monotonic() + _SHUTDOWN_SECONDS
        for thread in ending:
            thread.join(max(0.0, end - time.monotonic()))


def _exported(signal: str) -> bool:
    """Whether the environment wants that signal ("TRACES", "METRICS") and says where it goes."""
    environment = os.environ.get
    if environment("OTEL_SDK_DISABLED", "").lower() == "true" or environment(f"OTEL_{signal}_EXPORTER") == "none":
        return False
    return any(environment(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"))
