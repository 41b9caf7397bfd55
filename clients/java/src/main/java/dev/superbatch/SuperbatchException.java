package dev.superbatch;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A service refused a call, or could not be reached. */
public final class SuperbatchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;
  private final transient List<FieldViolation> violations;
  private final transient Map<String, String> metadata;
  private final Duration retryAfter;

  private SuperbatchException(
      StatusRuntimeException cause,
      String reason,
      List<FieldViolation> violations,
      Map<String, String> metadata,
      Duration retryAfter) {
    super((reason.isEmpty() ? cause.getStatus().getCode() : reason) + ": " + cause.getStatus().getDescription(), cause);
    this.code = cause.getStatus().getCode();
    this.reason = reason;
    this.violations = List.copyOf(violations);
    this.metadata = Map.copyOf(metadata);
    this.retryAfter = retryAfter;
  }

  /** The gRPC status. */
  public Status.Code code() {
    return code;
  }

  /** The reason in the error catalogue, such as STUDY_NOT_FOUND; empty if the error is not the suite's. */
  public String reason() {
    return reason;
  }

  /** The fields that INVALID_ARGUMENT names, all at once. */
  public List<FieldViolation> violations() {
    return violations;
  }

  /** The message's parameters, and the remedy. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** How long the service asks to wait; null if it does not say. */
  public Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the service was not reached, as opposed to having refused. */
  public boolean isUnreached() {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  /** The exception for a failed call, with the google.rpc details that it carried. */
  static SuperbatchException of(StatusRuntimeException error) {
    String reason = "";
    List<FieldViolation> violations = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    Duration retryAfter = null;
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    List<Any> details = status == null ? List.of() : status.getDetailsList();
    try {
      for (Any detail : details) {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          if (info.getDomain().equals("superbatch")) {
            reason = info.getReason();
            metadata = info.getMetadataMap();
          }
        } else if (detail.is(BadRequest.class)) {
          for (BadRequest.FieldViolation field : detail.unpack(BadRequest.class).getFieldViolationsList()) {
            violations.add(new FieldViolation(field.getField(), field.getDescription()));
          }
        } else if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      }
    } catch (InvalidProtocolBufferException malformed) {
      error.addSuppressed(malformed);
    }
    return new SuperbatchException(error, reason, violations, metadata, retryAfter);
  }
}
