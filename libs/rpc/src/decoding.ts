import type { TsProtoServiceDefinition } from "nice-grpc";
import type { ServerMiddleware } from "nice-grpc-common";
import { invalidArgument } from "./errors.ts";

/** Stands for a request that could not be decoded. */
class Undecodable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/**
 * The definition, but that bytes which are no such message are INVALID_ARGUMENT: the library itself would answer INTERNAL, as if the
 * service were at fault. Needs {@link decodingMiddleware}.
 */
export function withSafeDecoding<Definition extends TsProtoServiceDefinition>(definition: Definition): Definition {
  const methods = Object.entries(definition.methods).map(([name, method]) => {
    const { requestType } = method;
    const decode = (bytes: Uint8Array): unknown => {
      try {
        return requestType.decode(bytes);
      } catch (error) {
        return new Undecodable((error as Error).message);
      }
    };
    return [name, { ...method, requestType: { ...requestType, decode } }];
  });
  return { ...definition, methods: Object.fromEntries(methods) };
}

/** Refuses requests that could not be decoded, in streams at the message in question. */
export const decodingMiddleware: ServerMiddleware = async function* decode(call, context) {
  if (!call.requestStream) {
    refuseUndecodable(call.request);
    return yield* call.next(call.request, context);
  }
  const { request } = call;
  async function* checkedStream() {
    for await (const message of request) {
      refuseUndecodable(message);
      yield message;
    }
  }
  return yield* call.next(checkedStream(), context);
};

/** @throws {RpcError} INVALID_FIELDS if {@link withSafeDecoding} could not decode the message. */
export function refuseUndecodable(message: unknown): void {
  if (!(message instanceof Undecodable)) return;
  throw invalidArgument([{ path: "", message: `the request cannot be decoded: ${message.reason}` }]);
}
