import { Status } from "nice-grpc-common";
import {
  HealthCheckResponse_ServingStatus,
  HealthDefinition,
} from "nice-grpc-server-health/lib/proto/grpc/health/v1/health.js";
import { type ClientOptions, createClient } from "./client.ts";
import { statusOf } from "./error-details.ts";

export interface ProbeOptions extends Pick<ClientOptions, "authority" | "certificate" | "key"> {
  /** Told after each look whether the service takes calls. */
  readonly onLook: (serving: boolean) => void;
  /** Seconds between looks, and within which one must be answered. @default 2 */
  readonly seconds?: number;
}

/**
 * Asks a service for its health from now on, by grpc.health.v1. One that answers in any way but knows no health checks counts as there:
 * surrogates of others need not have them.
 *
 * @returns ends it; safe to repeat.
 */
export function probeService(address: string, { onLook, seconds = 2, ...security }: ProbeOptions): () => void {
  const options: ClientOptions = { ...security, retry: { calls: "none" }, deadlineSeconds: seconds };
  const { client, close } = createClient(HealthDefinition, address, options);
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  void look();

  async function look(): Promise<void> {
    const serving = await client.check({ service: "" }).then(
      ({ status }) => status === HealthCheckResponse_ServingStatus.SERVING,
      (error: unknown) => statusOf(error) === Status.UNIMPLEMENTED,
    );
    if (ended) return;
    onLook(serving);
    timer = setTimeout(look, 1000 * seconds).unref();
  }

  return () => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    close();
  };
}
