import { Metadata, type status } from "@grpc/grpc-js";
import type { ServerError } from "nice-grpc-common";
import { Any, BadRequest, ErrorInfo, QuotaFailure, RetryInfo, RichServerError } from "nice-grpc-error-details";
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
