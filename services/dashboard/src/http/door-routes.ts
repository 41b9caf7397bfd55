import type { JsonValue } from "@bufbuild/protobuf";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Door, doorService } from "../door/door.ts";
import { openApi } from "../door/open-api.ts";
import { problemOf } from "./problem.ts";
import { tokenOf } from "./session.ts";

/**
 * The optimizer's calls as `POST /api/SERVICE/METHOD` with a JSON body, as the Connect protocol has it for unary calls. Methods that stream answer one
 * JSON message a line (application/x-ndjson); the last line is `{"error": …}` if the stream fails.
 */
export function addDoorRoutes(
  app: FastifyInstance,
  { door, tokenFile }: { door: Door; tokenFile: string | undefined },
): void {
  const document = openApi();
  app.get("/api/openapi.json", async () => document);

  app.post<{ Params: { method: string } }>(`/api/${doorService}/:method`, async (request, reply) => {
    const { method } = request.params;
    const known = door.methods.get(method);
    if (!known)
      return reply.status(404).send({
        code: "unimplemented",
        message: `${doorService} has no method ${method} for HTTP; it has ${[...door.methods.keys()].join(", ")}`,
      });
    const left = new AbortController();
    reply.raw.on("close", () => left.abort());
    const options = { token: tokenOf(request, tokenFile), signal: left.signal };
    const body = (request.body ?? {}) as JsonValue;
    if (!known.streams) return reply.header("cache-control", "no-store").send(await door.call(method, body, options));
    return streamLines(reply, request, door.stream(method, body, options));
  });
}

/** Begins to answer with the first message, so that a call that is refused has its HTTP status. */
async function streamLines(
  reply: FastifyReply,
  request: FastifyRequest,
  messages: AsyncIterable<JsonValue>,
): Promise<FastifyReply> {
  const iterator = messages[Symbol.asyncIterator]();
  let next = await iterator.next();
  reply.hijack();
  reply.raw.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  try {
    while (!next.done) {
      if (!reply.raw.write(`${JSON.stringify(next.value)}\n`))
        await new Promise((resolve) => reply.raw.once("drain", resolve));
      next = await iterator.next();
    }
  } catch (error) {
    request.log.debug({ err: error }, "stream ended");
    if (!reply.raw.destroyed) reply.raw.write(`${JSON.stringify({ error: problemOf(error).body })}\n`);
  }
  reply.raw.end();
  return reply;
}
