import { sampler } from "@superbatch/contracts";
import { Status } from "nice-grpc-common";
import { describe, expect, it } from "vitest";
import { createClient } from "../client.ts";
import { fieldViolations, reasonOf } from "../error-details.ts";
import { invalidArgument, rpcError } from "../errors.ts";
import { implement } from "../service.ts";
import { startTestService } from "../testing/index.ts";
import type { OpenStream } from "./server-stream.ts";

const { SamplerServiceDefinition: definition } = sampler;
type Open = OpenStream<sampler.SampleRequest, sampler.SampleResponse>;

const scores = (round: number) =>
  sampler.SampleRequest.fromPartial({ message: { $case: "scores", value: { round, values: Buffer.alloc(0) } } });
const answer = (rounds: number, bytes = 0) =>
  sampler.SampleResponse.fromPartial({ status: { rounds }, token: Buffer.alloc(bytes) });
const roundOf = ({ message }: sampler.SampleRequest) => (message?.$case === "scores" ? message.value.round : -1);

/** A service whose stream is served by `open`, and a stream to it. */
async function connected(open: Open, signal?: AbortSignal) {
  const nothing = async () => ({});
  const unary = { openSession: nothing, getSession: nothing, closeSession: nothing };
  const service = await startTestService([implement(definition, unary, { sample: open })]);
  const handle = createClient(definition, service.address);
  return {
    service,
    stream: handle.openStream(definition.methods.sample, signal),
    async [Symbol.asyncDispose]() {
      handle.close();
      await service.stop();
    },
  };
}

/** Answers each message by its own number. */
const mirror: Open = (stream) => ({
  receive: (request) => stream.send(answer(roundOf(request))),
  halfClose: () => stream.end(),
  over() {},
});

describe("a stream without iterators", () => {
  it("carries messages both ways in order, and ends when the server has ended it", async () => {
    await using peer = await connected(mirror);
    for (let k = 1; k <= 100; k++) peer.stream.send(scores(k));
    peer.stream.end();
    for (let k = 1; k <= 100; k++) expect((await peer.stream.receive())?.status?.rounds).toBe(k);
    expect(await peer.stream.receive()).toBeUndefined();
    expect(await peer.stream.receive()).toBeUndefined();
  });

  it("ends with what its handler throws, behind what was sent", async () => {
    await using peer = await connected((stream) => ({
      ...mirror(stream),
      receive(request) {
        if (roundOf(request) === 3) throw invalidArgument([{ path: "scores.round", message: "must not be 3" }]);
        stream.send(answer(roundOf(request)));
      },
    }));
    for (const k of [1, 2, 3, 4]) peer.stream.send(scores(k));
    for (const k of [1, 2]) expect((await peer.stream.receive())?.status?.rounds).toBe(k);
    const error = await peer.stream.receive().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: Status.INVALID_ARGUMENT });
    expect(reasonOf(error)).toBe("INVALID_FIELDS");
    expect(fieldViolations(error)).toEqual([{ path: "scores.round", message: "must not be 3" }]);
  });

  it("a defect in the handler is INTERNAL, without what it says", async () => {
    await using peer = await connected((stream) => ({
      ...mirror(stream),
      receive() {
        throw new Error("secret");
      },
    }));
    peer.stream.send(scores(1));
    const error = await peer.stream.receive().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: Status.INTERNAL });
    expect(String(error)).not.toContain("secret");
  });

  it("can be ended from outside its events; the first end counts", async () => {
    await using peer = await connected((stream) => {
      setImmediate(() => {
        stream.send(answer(7));
        stream.end(rpcError("SERVICE_STOPPING", { service: "test" }));
        stream.end();
        stream.send(answer(8));
      });
      return mirror(stream);
    });
    expect((await peer.stream.receive())?.status?.rounds).toBe(7);
    await expect(peer.stream.receive()).rejects.toMatchObject({ code: Status.UNAVAILABLE });
  });

  it("tells its handler once that it is over, when the caller leaves", async () => {
    let over = 0;
    const left = Promise.withResolvers<void>();
    await using peer = await connected((stream) => ({
      ...mirror(stream),
      over() {
        over++;
        left.resolve();
      },
    }));
    peer.stream.send(scores(1));
    await peer.stream.receive();
    peer.stream.cancel();
    await expect(peer.stream.receive()).rejects.toMatchObject({ code: Status.CANCELLED });
    await left.promise;
    expect(over).toBe(1);
  });

  it("a signal ends a waiting call with its reason", async () => {
    const abort = new AbortController();
    await using peer = await connected(mirror, abort.signal);
    const waiting = peer.stream.receive();
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(peer.stream.receive()).rejects.toThrow("enough");
  });

  it("holds up a caller that does not read, and serves it on when it does", async () => {
    let received = 0;
    const size = 2 ** 19;
    await using peer = await connected((stream) => ({
      ...mirror(stream),
      receive(request) {
        received++;
        stream.send(answer(roundOf(request), size));
      },
    }));
    const count = 100;
    for (let k = 1; k <= count; k++) peer.stream.send(scores(k));
    // What the client has read ahead, what flow control lets through, and what waits to be sent; the rest is not even read.
    let before = -1;
    for (let still = 0; still < 3; still = received === before ? still + 1 : 0) {
      before = received;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(received).toBeLessThan(count / 2);
    for (let k = 1; k <= count; k++) expect((await peer.stream.receive())?.status?.rounds).toBe(k);
    expect(received).toBe(count);
  });
});
