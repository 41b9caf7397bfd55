import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { echoMethod } from "./echo-method.ts";

/**
 * A bare grpc-js server, in a process of its own: answers each message of a stream with as many bytes as its first four say (uint32, little-endian), so that
 * both directions carry what a sampler's step does. Prints its address as a service does.
 */
const server = new Server({ "grpc.max_receive_message_length": 2 ** 26, "grpc.max_send_message_length": 2 ** 26 });
server.addService(
  { echo: echoMethod },
  {
    echo(call: ServerDuplexStream<Buffer, Buffer>) {
      let answer = Buffer.alloc(0);
      call.on("data", (message: Buffer) => {
        const size = message.readUInt32LE(0);
        if (answer.length !== size) answer = Buffer.alloc(size, 7);
        call.write(answer);
      });
      call.on("end", () => call.end());
      call.on("error", () => {});
    },
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${JSON.stringify({ ready: "echo", address: `127.0.0.1:${port}` })}\n`);
});
