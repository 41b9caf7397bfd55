import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A name server for one name, as a cluster has for a headless service: the addresses of the replicas that are ready. */
export interface DnsServer extends AsyncDisposable {
  /** Target for a gRPC client: the name, asked of this server. Processes need GRPC_NODE_USE_ALTERNATIVE_RESOLVER=true. */
  target(port: number): string;
  /** What the name leads to from now on; none: it does not exist. */
  addresses: readonly string[];
  /** How often it was asked for addresses. */
  readonly questions: number;
}

const typeA = 1;
const nameError = 3;

/** @param name - such as `surrogate-model.test` */
export async function startDnsServer(name: string): Promise<DnsServer> {
  const socket = createSocket("udp4");
  let addresses: readonly string[] = [];
  let questions = 0;

  socket.on("message", (query, from) => {
    // One question follows the header of 12 bytes: labels, each after its length, an empty one, type and class.
    let end = 12;
    while (query[end] !== 0) end += query[end]! + 1;
    const type = query.readUInt16BE(end + 1);
    const question = query.subarray(12, end + 5);
    const asked = labelsOf(query.subarray(12, end));
    const known = asked.toLowerCase() === name && addresses.length > 0;
    if (type === typeA) questions++;
    const answers = known && type === typeA ? addresses.map(answer) : [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580 | (known ? 0 : nameError), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    socket.send(Buffer.concat([header, question, ...answers]), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: serverPort } = socket.address() as AddressInfo;

  return {
    target: (port) => `dns://127.0.0.1:${serverPort}/${name}:${port}`,
    get addresses() {
      return addresses;
    },
    set addresses(now) {
      addresses = now;
    },
    get questions() {
      return questions;
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function labelsOf(bytes: Buffer): string {
  const labels: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes[at]! + 1)
    labels.push(bytes.toString("latin1", at + 1, at + 1 + bytes[at]!));
  return labels.join(".");
}

/** A record for the name of the question, which may not be kept. */
function answer(address: string): Buffer {
  const pointer = [0xc0, 12];
  const typeClass = [0, typeA, 0, 1];
  const timeToLive = [0, 0, 0, 0];
  return Buffer.from([...pointer, ...typeClass, ...timeToLive, 0, 4, ...address.split(".").map(Number)]);
}
