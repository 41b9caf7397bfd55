"""Spans of a trainer's attempts, in the traces of their trials: the names and attributes of the suite's telemetry schema. Without opentelemetry-sdk nothing is recorded."""

from __future__ import annotations

import logging
import math
import os
import time
from contextlib import contextmanager
from typing import Any, Iterator, Mapping

from ..records import Cost
from .results import CurvePoint

log = logging.getLogger("superbatch.torch")

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class AttemptSpan:
    """The span of one attempt, ``superbatch.train``; the time between two points of its learning curve is a ``superbatch.train.epoch``."""

    def __init__(self, tracer: Any = None, span: Any = None) -> None:
        self._tracer, self._span = tracer, span
        self._since = time.time_ns()

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
            "superbatch.epoch": math.ceil(point.epoch),
            "superbatch.step": point.step,
            "superbatch.tau": point.tau,
            "superbatch.importance.share": point.importance_steps / point.step,
        }
        # The attempt's span is the current one, hence the parent.
        span = self._tracer.start_span("superbatch.train.epoch", start_time=self._since, attributes=attributes)
        self._since = time.time_ns()
        span.end(self._since)

    def spent(self, cost: Cost) -> None:
        """What the attempt cost, in seconds."""
        if self._span is None:
            return
        parts = {"scoring": cost.scoring, "gradient": cost.gradient, "evaluation": cost.evaluation, "data": cost.data, "total": cost.total or 0.0}
        self._span.set_attributes({f"superbatch.cost.{phase}": seconds for phase, seconds in parts.items()})


class Tracing:
    """Exports by OTLP over HTTP to where the usual variables say (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER=none, OTEL_SDK_DISABLED …).

    Args:
        service: Name in traces.
    """

    def __init__(self, service: str = "torch-trainer") -> None:
        self._tracer: Any = None
        self._provider: Any = None
        off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or os.environ.get("OTEL_TRACES_EXPORTER") == "none"
        if off or not any(os.environ.get(name) for name in _ENDPOINTS):
            return
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import OTELResourceDetector, Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            log.warning("an OTLP endpoint is set, but OpenTelemetry is not installed: pip install 'superbatch[tracing]'")
            return
        own: dict[str, Any] = {"service.name": service, "service.namespace": "superbatch", "process.pid": os.getpid()}
        # The environment's attributes win, as OpenTelemetry specifies.
        resource = Resource(own).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("superbatch.torch")

    @contextmanager
    def attempt(self, traceparent: str, attributes: Mapping[str, str]) -> Iterator[AttemptSpan]:
        """The block is an attempt at the trial of that trace."""
        if self._tracer is None:
            yield AttemptSpan()
            return
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span("superbatch.train", context=parent, attributes=attributes) as span:
            yield AttemptSpan(self._tracer, span)

    def shutdown(self) -> None:
        """Sends what is waiting. A collector that is away does not hold up the end for long."""
        if self._provider is not None:
            self._provider.force_flush(2000)
            self._provider.shutdown()
