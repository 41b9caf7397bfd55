import { Metadata, type StatusObject, type status } from "@grpc/grpc-js";
import { ClientError, type ServerError } from "nice-grpc-common";
import {
  Any,
  BadRequest,
  type ErrorDetails,
  ErrorInfo,
  QuotaFailure,
  RetryInfo,
  RichClientError,
  RichServerError,
} from "nice-grpc-error-details";
import { Status } from "nice-grpc-error-details/lib/proto/google/rpc/status.js";

/** The details that this suite's errors carry. */
const detailTypes = [BadRequest, ErrorInfo, QuotaFailure, RetryInfo];

/** What ends a call below nice-grpc: as its errorDetailsServerMiddleware ends the calls of handlers. */
export function statusObject(error: ServerError): { code: status; details: string; metadata?: Metadata } {
  const base = { code: error.code as number as status, details: error.details };
  if (!(error instanceof RichServerError)) return base;
  const details = error.extra.flatMap((detail) => {
    const type = detailTypes.find(({ $type }) => $type === detail.$type);
    if (!type) return [];
    return [
      Any.fromPartial({ typeUrl: `type.googleapis.com/${type.$type}`, value: type.encode(detail as never).finish() }),
    ];
  });
  const message = Status.encode(Status.fromPartial({ code: error.code, message: error.details, details }));
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(message.finish()));
  return { ...base, metadata };
}

/** What a call below nice-grpc failed with: as its errorDetailsClientMiddleware throws it. @param path - `/package.Service/Method` */
export function clientError(path: string, { code, details, metadata }: StatusObject): ClientError {
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  if (bytes === undefined || typeof bytes === "string") return new ClientError(path, code as number, details);
  const extra = Status.decode(bytes).details.map((detail): ErrorDetails => {
    const type = detailTypes.find(({ $type }) => detail.typeUrl.endsWith(`/${$type}`));
    return type ? type.decode(detail.value) : detail;
  });
  return new RichClientError(path, code as number, details, extra);
}
