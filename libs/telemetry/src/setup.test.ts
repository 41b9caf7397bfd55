import { describe, expect, it } from "vitest";
import { endpointOf, startTelemetry } from "./setup.ts";

describe("endpointOf", () => {
  it.each([
    ["nothing configured", {}, undefined],
    ["a base", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }, "http://collector:4318/v1/traces"],
    [
      "a base with a path",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector/otlp/" },
      "http://collector/otlp/v1/traces",
    ],
    [
      "the specific one, as it is",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://b/x" },
      "http://b/x",
    ],
    ["disabled", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_SDK_DISABLED: "true" }, undefined],
    ["no traces wanted", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_TRACES_EXPORTER: "none" }, undefined],
  ])("%s", (_, env: Record<string, string>, url) => {
    expect(endpointOf("traces", env)).toBe(url);
  });
});

describe("startTelemetry", () => {
  it("is silent and ends at once without an endpoint", async () => {
    const telemetry = startTelemetry({ service: "quiet", env: {} });
    expect(telemetry.exporting).toBe(false);
    await expect(Promise.all([telemetry.flush(), telemetry.shutdown(), telemetry.shutdown()])).resolves.toBeDefined();
  });
});
