package dev.superbatch.contract;

import com.google.gson.Gson;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.superbatch.FieldViolation;
import dev.superbatch.Result;
import dev.superbatch.StopEarlyException;
import dev.superbatch.StudyCompletedException;
import dev.superbatch.SuperbatchClient;
import dev.superbatch.SuperbatchException;
import dev.superbatch.Trial;
import dev.superbatch.TrialCancelledException;
import dev.superbatch.common.v1.BooleanDomain;
import dev.superbatch.common.v1.Cost;
import dev.superbatch.optimizer.v1.OptimizerServiceGrpc;
import dev.superbatch.optimizer.v1.OptimizerServiceGrpc.OptimizerServiceBlockingStub;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.Yaml;

/** Takes the steps of one scenario: clients/scenarios/README.md lists them. */
final class ScenarioRunner implements AutoCloseable {
  private final Map<String, String> saved = new HashMap<>(Map.of("run", System.getenv("SUPERBATCH_RUN")));
  private final Map<String, Trial> trials = new HashMap<>();
  private SuperbatchClient client;

  /** What a step led to. */
  private record Outcome(SuperbatchException error, String command, String outcome, Object response) {
    static final Outcome NOTHING = new Outcome(null, "", "", null);

    static Outcome command(String command) {
      return new Outcome(null, command, "", null);
    }

    static Outcome asked(String outcome) {
      return new Outcome(null, "", outcome, null);
    }

    static Outcome answer(Object response) {
      return new Outcome(null, "", "", response);
    }
  }

  ScenarioRunner() throws IOException {
    connect(Map.of());
  }

  /** Throws if the step does not lead to what is expected. */
  void take(Map<String, Object> step) throws Exception {
    Outcome result;
    try {
      result = perform(step);
    } catch (SuperbatchException error) {
      result = new Outcome(error, "", "", null);
    }
    check(result, Tree.map(step.get("expect")));
    Object response = result.response();
    Tree.map(step.get("save")).forEach((name, path) -> saved.put(name, String.valueOf(Tree.at(response, (String) path))));
  }

  @Override
  public void close() {
    client.close();
  }

  private void connect(Map<String, Object> how) throws IOException {
    if (client != null) {
      client.close();
    }
    SuperbatchClient.Builder builder = SuperbatchClient.builder(System.getenv("SUPERBATCH_ADDRESS")).timeout(Duration.ofSeconds(5));
    String token = System.getenv("SUPERBATCH_TOKEN");
    switch (String.valueOf(how.getOrDefault("token", "right"))) {
      case "right" -> builder.token(token);
      case "wrong" -> builder.token("not-" + token);
      default -> {}
    }
    switch (String.valueOf(how.getOrDefault("ca", "right"))) {
      case "right" -> builder.ca(new File(System.getenv("SUPERBATCH_CA")));
      case "other" -> builder.ca(new File(System.getenv("SUPERBATCH_OTHER_CA")));
      default -> {}
    }
    client = builder.build();
  }

  private Outcome perform(Map<String, Object> step) throws Exception {
    if (step.containsKey("call")) {
      return call((String) step.get("call"), Tree.fill(step.getOrDefault("request", Map.of()), saved));
    }
    if (step.containsKey("ask")) {
      return ask((String) step.get("ask"), (String) Tree.fill(step.get("study"), saved));
    }
    if (step.containsKey("report")) {
      return report(trials.get(step.get("report")), number(step.get("step")), number(step.get("value")));
    }
    if (step.containsKey("complete")) {
      boolean stoppedEarly = Boolean.TRUE.equals(step.get("stoppedEarly"));
      Result result = new Result(number(step.get("value")), cost(Tree.map(step.get("cost"))), Map.of(), stoppedEarly);
      trials.get(step.get("complete")).complete(result);
    } else if (step.containsKey("fail")) {
      Trial trial = trials.get(step.get("fail"));
      if (Boolean.TRUE.equals(step.get("infeasible"))) {
        trial.infeasible((String) step.get("reason"));
      } else {
        trial.fail((String) step.get("reason"));
      }
    } else if (step.containsKey("giveBack")) {
      trials.get(step.get("giveBack")).giveBack();
    } else if (step.containsKey("sleep")) {
      Thread.sleep((long) (1000 * number(step.get("sleep"))));
    } else {
      connect(Tree.map(step.get("connect")));
    }
    return Outcome.NOTHING;
  }

  private Outcome ask(String name, String study) throws InterruptedException {
    try {
      trials.put(name, client.study(study).ask());
      return Outcome.asked("trial");
    } catch (StudyCompletedException completed) {
      return Outcome.asked("completed");
    }
  }

  private static Outcome report(Trial trial, double step, double value) {
    try {
      trial.report((long) step, value);
      return Outcome.command("continue");
    } catch (StopEarlyException told) {
      return Outcome.command("stop_early");
    } catch (TrialCancelledException told) {
      return Outcome.command("cancel");
    }
  }

  /** Sends a request in JSON by the stub's method of that name, or, with a whole path, an empty one. */
  private Outcome call(String name, Object request) throws Exception {
    if (name.startsWith("/")) {
      return Outcome.answer(client.call(stub -> send(stub, any(name.substring(1)), BooleanDomain.getDefaultInstance())));
    }
    String path = OptimizerServiceGrpc.SERVICE_NAME + "/" + name;
    for (MethodDescriptor<?, ?> method : OptimizerServiceGrpc.getServiceDescriptor().getMethods()) {
      if (method.getFullMethodName().equals(path)) {
        return Outcome.answer(send(method, new Gson().toJson(request)));
      }
    }
    throw new IllegalArgumentException("there is no call " + name);
  }

  @SuppressWarnings("unchecked")
  private Object send(MethodDescriptor<?, ?> any, String json) throws IOException {
    MethodDescriptor<Message, Message> method = (MethodDescriptor<Message, Message>) any;
    Message prototype = ((PrototypeMarshaller<Message>) method.getRequestMarshaller()).getMessagePrototype();
    Message.Builder request = prototype.newBuilderForType();
    JsonFormat.parser().merge(json, request);
    Message response = client.call(stub -> send(stub, method, request.build()));
    return new Yaml().load(JsonFormat.printer().print(response));
  }

  private static <Q, R> R send(OptimizerServiceBlockingStub stub, MethodDescriptor<Q, R> method, Q request) {
    return ClientCalls.blockingUnaryCall(stub.getChannel(), method, stub.getCallOptions(), request);
  }

  private static MethodDescriptor<BooleanDomain, BooleanDomain> any(String path) {
    return MethodDescriptor.<BooleanDomain, BooleanDomain>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(path)
        .setRequestMarshaller(ProtoUtils.marshaller(BooleanDomain.getDefaultInstance()))
        .setResponseMarshaller(ProtoUtils.marshaller(BooleanDomain.getDefaultInstance()))
        .build();
  }

  private void check(Outcome result, Map<String, Object> expected) {
    SuperbatchException error = result.error();
    List<String> fields = error == null ? List.of() : error.violations().stream().map(FieldViolation::path).sorted().toList();
    differ("status", expected.getOrDefault("status", "OK"), error == null ? "OK" : error.code().name(), error);
    differ("reason", expected.getOrDefault("reason", ""), error == null ? "" : error.reason(), error);
    differ("fields", Tree.<String>list(expected.get("fields")).stream().sorted().toList(), fields, error);
    differ("command", expected.getOrDefault("command", ""), result.command(), error);
    differ("outcome", expected.getOrDefault("outcome", ""), result.outcome(), error);
    Tree.map(expected.get("response"))
        .forEach(
            (path, value) -> {
              Object actual = Tree.at(result.response(), path);
              if (!Tree.same(actual, Tree.fill(value, saved))) {
                throw new AssertionError("expected " + path + " to be " + value + ", got " + actual);
              }
            });
  }

  private static void differ(String what, Object expected, Object actual, SuperbatchException error) {
    if (!Objects.equals(expected, actual)) {
      throw new AssertionError("expected " + what + " " + expected + ", got " + actual + ": " + error);
    }
  }

  private static Cost cost(Map<String, Object> cost) {
    Cost.Builder message = Cost.newBuilder();
    cost.forEach((name, value) -> message.setField(Cost.getDescriptor().findFieldByName(name), number(value)));
    return message.build();
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }
}
