import { isIP } from "node:net";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor, type ServerListener } from "@grpc/grpc-js";
import {
  type AccessRule,
  accessRules,
  anonymous,
  decide,
  encodePrincipal,
  openCalls,
  type Principal,
} from "@superbatch/access";
import { Status } from "nice-grpc-common";
import { isLoopback } from "../address.ts";
import { refuseUndecodable } from "../decoding.ts";
import { fromUnknown, invalidArgument, RpcError, rpcError } from "../errors.ts";
import { statusObject } from "../status-object.ts";
import type { Audit } from "./audit.ts";
import type { Authenticate } from "./authenticator.ts";
import { principalKey } from "./handed-principal.ts";
import type { Limiter } from "./limiter.ts";

export interface GuardOptions {
  readonly authenticate: Authenticate;
  readonly limiter: Limiter;
  /** Absent: calls are not audited. */
  readonly audit?: Audit | undefined;
  /** Seconds within which a request, or the first message of a stream of them, must have arrived. */
  readonly requestSeconds: number;
}

/**
 * What every call passes before any handler sees it, however the handler is written: who calls, whether they may, how much they may.
 * A call is refused by its names alone, before anything is looked up.
 */
export function createGuard(options: GuardOptions): ServerInterceptor {
  const { authenticate, limiter, audit, requestSeconds } = options;
  return (method, next) => {
    const name = method.path.slice(1);
    const rule = accessRules.get(name);
    const open = openCalls.has(name);
    const peer = next.getPeer();
    let principal: Principal | undefined;
    let resource = "";
    let refusal: RpcError | undefined;
    let release: (() => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    let traceId: string | undefined;
    let ended = false;

    function end(result: Status): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      release?.();
      if (!audit || !(refusal || rule?.audited)) return;
      const who = principal?.id ?? "unknown";
      const reason = refusal && { reason: refusal.reason };
      audit({
        principal: who,
        method: name,
        resource,
        result: Status[result],
        ...reason,
        peer,
        ...(traceId && { traceId }),
      });
    }

    function refuse(error: unknown): void {
      if (ended) return;
      const status = fromUnknown(error);
      if (status instanceof RpcError) refusal = status;
      call.sendStatus(statusObject(status));
    }

    async function admit(metadata: Metadata): Promise<void> {
      const authorization = metadata.get("authorization")[0]?.toString();
      const certificate = () => next.getAuthContext().sslPeerCertificate;
      const caller = open ? anonymous : await authenticate({ authorization, certificate });
      principal = caller;
      const counted = caller === anonymous ? addressOf(peer) : caller.id;
      const done = counted === undefined ? undefined : await limiter.begin(counted);
      // The caller may have left meanwhile.
      if (ended) done?.();
      else release = done;
    }

    /** Throws unless the principal may send this request. */
    function check(request: unknown): void {
      if (open) return;
      refuseUndecodable(request);
      resource = authorize(name, rule, principal!, request);
    }

    let checked = false;
    const listener: ServerListener = {
      onReceiveMetadata(metadata, proceed) {
        traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(metadata.get("traceparent")[0]?.toString() ?? "")?.[1];
        admit(metadata).then(() => {
          if (ended) return;
          metadata.set(principalKey, bytesOf(principal!));
          timer = setTimeout(
            () => refuse(rpcError("REQUEST_TIMEOUT", { seconds: requestSeconds })),
            requestSeconds * 1000,
          );
          proceed(metadata);
        }, refuse);
      },
      onReceiveMessage(message, proceed) {
        if (!checked) {
          try {
            check(message);
          } catch (error) {
            refuse(error);
            return;
          }
          checked = true;
          if (method.requestStream) clearTimeout(timer);
        }
        proceed(message);
      },
      onReceiveHalfClose(proceed) {
        clearTimeout(timer);
        proceed();
      },
      onCancel: () => end(Status.CANCELLED),
    };
    const call = new ServerInterceptingCall(next, {
      start: (begin) => begin(listener),
      sendStatus(status, send) {
        end((status.code as number as Status) ?? Status.OK);
        send(status);
      },
    });
    return call;
  };
}

/** @returns what the call is about. @throws {RpcError} PERMISSION_DENIED, or INVALID_ARGUMENT if the resource's name is malformed. */
function authorize(method: string, rule: AccessRule | undefined, principal: Principal, request: unknown): string {
  // Whoever adds a call without a rule has shut it, not opened it.
  if (!rule) throw rpcError("PERMISSION_DENIED", { principal: principal.id, role: "a rule for it", scope: method });
  const decision = decide(rule, principal, request);
  if (decision.kind === "malformed") {
    throw invalidArgument([{ path: decision.field, message: decision.expected }]);
  }
  if (decision.kind === "allowed") return decision.resource;
  const { role, project } = decision;
  const scope = project === undefined ? "any project" : `the project ${project}`;
  throw rpcError("PERMISSION_DENIED", { principal: principal.id, role, scope });
}

const encoded = new WeakMap<Principal, Buffer>();

function bytesOf(principal: Principal): Buffer {
  let bytes = encoded.get(principal);
  if (!bytes) {
    bytes = encodePrincipal(principal);
    encoded.set(principal, bytes);
  }
  return bytes;
}

/** The address that stands for a caller without a name; undefined for this machine, whose users are not told apart. */
function addressOf(peer: string): string | undefined {
  const host = peer
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/^::ffff:/, "");
  return isIP(host) !== 0 && isLoopback(host) ? undefined : host;
}
