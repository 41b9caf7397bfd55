import type { AddressInfo } from "node:net";
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from "node:net";

/** A network that misbehaves on demand: TCP from a port of its own to a target. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks all connections with a reset. */
  drop(): void;
  /** Holds back what arrives from now on by so many milliseconds, in both directions; 0 for no more. */
  delay(milliseconds: number): void;
  /** Lets nothing through while connections stay open, as a network does that loses every packet; false to go on. */
  stall(stalled: boolean): void;
  close(): Promise<void>;
}

/** @param target - where connections lead: a port of this machine, or a socket's path. */
export async function createProxy(target: NetConnectOpts): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let lag = 0;
  let stalled = false;

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    // What is held back, in order: delays may change, the order of bytes may not.
    const queue: { readonly due: number; readonly action: () => void }[] = [];
    const later = (action: () => void) => {
      queue.push({ due: performance.now() + lag, action });
      if (queue.length === 1) release();
    };
    const release = () => {
      while (queue.length > 0) {
        const wait = queue[0]!.due - performance.now();
        if (wait > 0) {
          setTimeout(release, wait);
          return;
        }
        queue[0]!.action();
        queue.shift();
      }
    };
    from.on("data", (chunk) => {
      later(() => {
        if (!to.destroyed && !to.write(chunk)) {
          from.pause();
          to.once("drain", () => !stalled && from.resume());
        }
      });
    });
    from.on("end", () => later(() => to.end()));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    if (stalled) from.pause();
  }

  const server: Server = createServer({ noDelay: true }, (client) => {
    const upstream = connect(target);
    upstream.setNoDelay(true);
    join(client, upstream);
    join(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    drop() {
      for (const socket of [...sockets]) {
        // Only TCP has resets; a socket in the file system just ends.
        if (socket.remoteFamily === undefined) socket.destroy();
        else socket.resetAndDestroy();
      }
    },
    delay(milliseconds) {
      lag = milliseconds;
    },
    stall(yes) {
      stalled = yes;
      for (const socket of sockets) {
        if (yes) socket.pause();
        else socket.resume();
      }
    },
    close() {
      for (const socket of [...sockets]) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
