package dev.superbatch;

import dev.superbatch.optimizer.v1.CreateStudyRequest;
import dev.superbatch.optimizer.v1.GetStudyRequest;
import dev.superbatch.optimizer.v1.OptimizerServiceGrpc;
import dev.superbatch.optimizer.v1.OptimizerServiceGrpc.OptimizerServiceBlockingStub;
import dev.superbatch.optimizer.v1.StudySpec;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** A connection to an optimizer. Connects when first used, and again by itself. Safe for use by several threads. */
public final class SuperbatchClient implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Set<Status.Code> RETRYABLE =
      Set.of(Status.Code.UNAVAILABLE, Status.Code.ABORTED, Status.Code.CANCELLED, Status.Code.RESOURCE_EXHAUSTED);
  private static final double FIRST_PAUSE_SECONDS = 0.1;
  private static final double LONGEST_PAUSE_SECONDS = 5;

  private final ManagedChannel channel;
  private final OptimizerServiceBlockingStub stub;
  private final String project;
  private final Duration timeout;

  private SuperbatchClient(Builder builder, ManagedChannel channel) {
    this.channel = channel;
    this.project = builder.project;
    this.timeout = builder.timeout;
    this.stub = OptimizerServiceGrpc.newBlockingStub(channel).withInterceptors(new TokenInterceptor(builder.token));
  }

  /** A builder of clients of the optimizer at HOST:PORT, or at dns:///HOST:PORT to spread calls over all replicas. */
  public static Builder builder(String address) {
    return new Builder(address);
  }

  /**
   * Creates a study.
   *
   * @throws SuperbatchException with ALREADY_EXISTS if the id is taken; with INVALID_ARGUMENT naming every wrong field
   */
  public Study createStudy(String id, StudySpec spec) {
    CreateStudyRequest.Builder request =
        CreateStudyRequest.newBuilder().setParent("projects/" + project).setStudyId(id).setRequestId(requestId());
    request.getStudyBuilder().setSpec(spec);
    return new Study(this, call(timeout, stub -> stub.createStudy(request.build())).getStudy().getName());
  }

  /** A study by its id or its whole name. */
  public Study study(String name) {
    String whole = name.startsWith("projects/") ? name : "projects/" + project + "/studies/" + name;
    GetStudyRequest request = GetStudyRequest.newBuilder().setName(whole).build();
    return new Study(this, call(timeout, stub -> stub.getStudy(request)).getStudy().getName());
  }

  /**
   * Any call of the contract with this client's token, deadline, retries and errors: {@code client.call(api -> api.listTrials(request))}. A request that changes
   * something should have a request id, since it may be sent again.
   *
   * @throws SuperbatchException if it is refused, or the service cannot be reached
   */
  public <T> T call(Function<OptimizerServiceBlockingStub, T> invoke) {
    return call(timeout, invoke);
  }

  <T> T call(Duration within, Function<OptimizerServiceBlockingStub, T> invoke) {
    long end = System.nanoTime() + within.toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        return invoke.apply(stub.withDeadlineAfter(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS));
      } catch (StatusRuntimeException error) {
        SuperbatchException refusal = SuperbatchException.of(error);
        pause(refusal, attempt, end);
      }
    }
  }

  Duration timeout() {
    return timeout;
  }

  static String requestId() {
    return UUID.randomUUID().toString();
  }

  /** Waits before the next attempt: exponential with jitter, at least what the service asks for. Throws the refusal if there shall be none. */
  private static void pause(SuperbatchException refusal, int attempt, long end) {
    double limit = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * Math.pow(2, attempt - 1));
    double asked = refusal.retryAfter() == null ? 0 : refusal.retryAfter().toNanos() / 1e9;
    long nanos = (long) (1e9 * Math.max(asked, limit * (1 + ThreadLocalRandom.current().nextDouble()) / 2));
    boolean endless = refusal.code() == Status.Code.RESOURCE_EXHAUSTED && refusal.retryAfter() == null;
    if (!RETRYABLE.contains(refusal.code()) || endless || System.nanoTime() + nanos >= end) {
      throw refusal;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refusal;
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Settings of a client. */
  public static final class Builder {
    private final String address;
    private Supplier<String> token;
    private TlsChannelCredentials.Builder tls;
    private String project = "default";
    private Duration timeout = Duration.ofMinutes(1);

    private Builder(String address) {
      this.address = address;
    }

    /** Sends a bearer token with each call. */
    public Builder token(String token) {
      return token(() -> token);
    }

    /** Asks for the bearer token before each call. */
    public Builder token(Supplier<String> token) {
      this.token = token;
      return this;
    }

    /** Turns TLS on; the PEM file has the authorities that may sign the server's certificate. */
    public Builder ca(File pem) throws IOException {
      tls().trustManager(pem);
      return this;
    }

    /** This client's own certificate and key (PEM files), for servers that want one; turns TLS on. */
    public Builder certificate(File certificate, File key) throws IOException {
      tls().keyManager(certificate, key);
      return this;
    }

    /** Turns TLS on, with the system's authorities unless others are given. */
    public Builder tls(boolean on) {
      tls = on ? tls() : null;
      return this;
    }

    /** Where studies are that are named by their id alone. Default: "default". */
    public Builder project(String project) {
      this.project = project;
      return this;
    }

    /** Limit of a call, retries included. Default: one minute. */
    public Builder timeout(Duration timeout) {
      this.timeout = timeout;
      return this;
    }

    /** The client. It does not wait for a connection. */
    public SuperbatchClient build() {
      ManagedChannel channel =
          Grpc.newChannelBuilder(address, tls == null ? InsecureChannelCredentials.create() : tls.build())
              .defaultLoadBalancingPolicy("round_robin")
              .keepAliveTime(30, TimeUnit.SECONDS)
              .keepAliveTimeout(10, TimeUnit.SECONDS)
              .maxInboundMessageSize(64 << 20)
              .build();
      return new SuperbatchClient(this, channel);
    }

    private TlsChannelCredentials.Builder tls() {
      if (tls == null) {
        tls = TlsChannelCredentials.newBuilder();
      }
      return tls;
    }
  }

  private record TokenInterceptor(Supplier<String> token) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          if (token != null) {
            headers.put(AUTHORIZATION, "Bearer " + token.get());
          }
          super.start(listener, headers);
        }
      };
    }
  }
}
