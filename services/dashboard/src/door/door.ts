import { fromJson, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { type ClientOptions, createClient } from "@superbatch/rpc";
import { Metadata } from "nice-grpc-common";
import { contracts, reflectedDefinition } from "./json-definition.ts";

/** Calls of the optimizer in protobuf's JSON, for callers that speak HTTP alone. */
export interface Door {
  /** Names of the methods that can be called: all but those that a client streams. */
  readonly methods: ReadonlyMap<string, { readonly streams: boolean }>;
  /** @throws {JsonError} if the body is not the method's request; what the call throws. */
  call(method: string, body: JsonValue, options: DoorCallOptions): Promise<JsonValue>;
  /** Messages of a method that streams, until it ends or the signal aborts. @throws as `call` */
  stream(method: string, body: JsonValue, options: DoorCallOptions): AsyncIterable<JsonValue>;
  close(): void;
}

export interface DoorCallOptions {
  /** Bearer token of the caller. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

/** A body that is not the JSON of its message; the text says where and why. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

export const doorService = "superbatch.optimizer.v1.OptimizerService";

export function createDoor(address: string, options: ClientOptions): Door {
  const registry = contracts();
  const service = registry.getService(doorService)!;
  const { client, close } = createClient(reflectedDefinition(registry, doorService), address, options);
  const open = service.methods.filter(({ methodKind }) => methodKind === "unary" || methodKind === "server_streaming");
  const methods = new Map(open.map(({ name, methodKind }) => [name, { streams: methodKind === "server_streaming" }]));
  const calls = client as unknown as Record<string, (request: Message, options: object) => unknown>;

  function begin(method: string, body: JsonValue, { token, signal }: DoorCallOptions) {
    const { input, output } = service.methods.find(({ name }) => name === method)!;
    const metadata = Metadata(token === undefined ? {} : { authorization: `Bearer ${token}` });
    return {
      result: calls[method](parse(body), { signal, metadata }),
      show: (message: Message) => toJson(output, message, { registry }),
    };

    function parse(json: JsonValue): Message {
      try {
        return fromJson(input, json, { registry });
      } catch (error) {
        throw new JsonError((error as Error).message);
      }
    }
  }

  return {
    methods,
    async call(method, body, options) {
      const { result, show } = begin(method, body, options);
      return show(await (result as Promise<Message>));
    },
    async *stream(method, body, options) {
      const { result, show } = begin(method, body, options);
      for await (const message of result as AsyncIterable<Message>) yield show(message);
    },
    close,
  };
}
