import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProxy, type TcpProxy } from "./proxy.ts";

let echo: Server;
let proxy: TcpProxy;
let client: Socket;

beforeEach(async () => {
  echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await createProxy({ port: (echo.address() as AddressInfo).port, host: "127.0.0.1" });
  client = connect(proxy.port, "127.0.0.1");
  client.on("error", () => {});
});
afterEach(async () => {
  client.destroy();
  await proxy.close();
  echo.close();
});

async function answerTo(text: string): Promise<string> {
  client.write(text);
  const [chunk] = await once(client, "data");
  return String(chunk);
}

/** A reset is an error first: `once` of node:events would fail on it. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}

describe("a proxy", () => {
  it("passes bytes on in both directions", async () => {
    expect(await answerTo("hello")).toBe("hello");
  });

  it("delays them, and keeps their order when it delays no more", async () => {
    proxy.delay(50);
    const started = performance.now();
    client.write("a");
    proxy.delay(0);
    client.write("b");
    let received = "";
    while (received.length < 2) received += String((await once(client, "data"))[0]);
    expect(received).toBe("ab");
    proxy.delay(30);
    expect(await answerTo("c")).toBe("c");
    expect(performance.now() - started).toBeGreaterThan(50);
  });

  it("holds everything back while it is stalled", async () => {
    await answerTo("first");
    proxy.stall(true);
    const answer = answerTo("second");
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50, "nothing"))]);
    expect(early).toBe("nothing");
    proxy.stall(false);
    expect(await answer).toBe("second");
  });

  it("breaks connections", async () => {
    await answerTo("first");
    proxy.drop();
    await closed(client);
  });

  it("breaks those that lead nowhere", async () => {
    const nowhere = await createProxy({ port: 1, host: "127.0.0.1" });
    const lost = connect(nowhere.port, "127.0.0.1").on("error", () => {});
    await closed(lost);
    await nowhere.close();
  });
});
