import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { decodeMetrics, type ReceivedMetric } from "./decode-metrics.ts";
import { decodeSpans, type ReceivedSpan } from "./decode-spans.ts";

/** An OTLP/HTTP endpoint inside a test. */
export interface OtlpReceiver extends AsyncDisposable {
  /** Value for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** All spans received so far, in the order of arrival. */
  readonly spans: readonly ReceivedSpan[];
  /** All data points of metrics received so far, in the order of arrival. */
  readonly metrics: readonly ReceivedMetric[];
  /**
   * The spans once `enough` holds for them, checked whenever some arrive.
   *
   * @throws {Error} listing what arrived if that does not come to hold in time.
   */
  waitFor(
    enough: (spans: readonly ReceivedSpan[]) => boolean,
    timeoutMilliseconds?: number,
  ): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and keeps the spans and metrics that processes export to it. Logs are accepted and dropped. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const arrivals = new EventTarget();
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    if (request.url === "/v1/metrics") metrics.push(...decodeMetrics(body));
    if (request.url === "/v1/traces") {
      spans.push(...decodeSpans(body));
      arrivals.dispatchEvent(new Event("spans"));
    }
    // An empty body is an empty Export…ServiceResponse.
    response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    metrics,
    waitFor(enough, timeoutMilliseconds = 30_000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const names = spans.map(({ service, name }) => `${service}: ${name}`);
          finish(() => reject(new Error(`not enough spans in time, only:\n${names.join("\n")}`)));
        }, timeoutMilliseconds);
        const check = () => enough(spans) && finish(() => resolve(spans));
        function finish(settle: () => void): void {
          clearTimeout(timer);
          arrivals.removeEventListener("spans", check);
          settle();
        }
        arrivals.addEventListener("spans", check);
        check();
      });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
