package dev.superbatch.contract;

import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.superbatch.Result;
import dev.superbatch.StopEarlyException;
import dev.superbatch.StudyCompletedException;
import dev.superbatch.SuperbatchClient;
import dev.superbatch.SuperbatchException;
import dev.superbatch.Trial;
import dev.superbatch.TrialCancelledException;
import dev.superbatch.common.v1.BooleanDomain;
import dev.superbatch.common.v1.Cost;
import dev.superbatch.optimizer.v1.OptimizerServiceGrpc.OptimizerServiceBlockingStub;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Takes the steps of one scenario: clients/scenarios/README.md lists them. */
final class ScenarioRunner implements AutoCloseable {
  private final Map<String, String> saved = new HashMap<>(Map.of("run", System.getenv("SUPERBATCH_RUN")));
  private final Map<String, Trial> trials = new HashMap<>();
  private SuperbatchClient client;

  ScenarioRunner() throws Exception {
    connect(Map.of());
  }

  /** Throws an AssertionError if the step does not lead to what is expected. */
  void take(Map<?, ?> step) throws Exception {
    Outcome outcome;
    try {
      outcome = attempt(step);
    } catch (SuperbatchException error) {
      outcome = Outcome.refused(error);
    }
    String difference = outcome.difference(step.get("expect") instanceof Map<?, ?> expected ? expected : Map.of(), saved);
    if (difference != null) {
      throw new AssertionError(difference);
    }
    if (step.get("save") instanceof Map<?, ?> names) {
      for (Map.Entry<?, ?> name : names.entrySet()) {
        saved.put((String) name.getKey(), String.valueOf(Json.at(outcome.response(), (String) name.getValue())));
      }
    }
  }

  private Outcome attempt(Map<?, ?> step) throws Exception {
    if (step.containsKey("call")) {
      Object request = step.containsKey("request") ? step.get("request") : Map.of();
      return call((String) step.get("call"), Json.write(Json.fill(request, saved)));
    }
    if (step.containsKey("ask")) {
      return ask((String) step.get("ask"), (String) Json.fill(step.get("study"), saved));
    }
    if (step.containsKey("report")) {
      return report(trials.get(step.get("report")), step);
    }
    if (step.containsKey("complete")) {
      trials.get(step.get("complete")).complete(result(step));
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
      Thread.sleep((long) (number(step, "sleep") * 1000));
    } else {
      connect((Map<?, ?>) step.get("connect"));
    }
    return Outcome.OK;
  }

  private void connect(Map<?, ?> how) throws Exception {
    if (client != null) {
      client.close();
    }
    SuperbatchClient.Builder builder =
        SuperbatchClient.builder(System.getenv("SUPERBATCH_ADDRESS")).timeout(Duration.ofSeconds(5));
    String token = String.valueOf(how.containsKey("token") ? how.get("token") : "right");
    if (!token.equals("none")) {
      builder.token((token.equals("wrong") ? "not-" : "") + System.getenv("SUPERBATCH_TOKEN"));
    }
    String ca = String.valueOf(how.containsKey("ca") ? how.get("ca") : "right");
    if (!ca.equals("none")) {
      builder.ca(new File(System.getenv(ca.equals("other") ? "SUPERBATCH_OTHER_CA" : "SUPERBATCH_CA")));
    }
    client = builder.build();
  }

  private Outcome ask(String name, String study) throws InterruptedException {
    try {
      trials.put(name, client.study(study).ask());
      return new Outcome(null, "", "trial", null);
    } catch (StudyCompletedException completed) {
      return new Outcome(null, "", "completed", null);
    }
  }

  private static Outcome report(Trial trial, Map<?, ?> step) {
    String command = "continue";
    try {
      trial.report((long) number(step, "step"), number(step, "value"));
    } catch (StopEarlyException told) {
      command = "stop_early";
    } catch (TrialCancelledException told) {
      command = "cancel";
    }
    return new Outcome(null, command, "", null);
  }

  private static Result result(Map<?, ?> step) {
    Map<?, ?> cost = (Map<?, ?>) step.get("cost");
    Cost spent =
        Cost.newBuilder()
            .setTotal(number(cost, "total"))
            .setGradient(number(cost, "gradient"))
            .setScoring(number(cost, "scoring"))
            .build();
    return new Result(number(step, "value"), spent, Map.of(), Boolean.TRUE.equals(step.get("stoppedEarly")));
  }

  private static double number(Map<?, ?> map, String key) {
    return map.get(key) instanceof Number number ? number.doubleValue() : 0;
  }

  private Outcome call(String name, String json) throws Exception {
    Object response = client.call(stub -> name.startsWith("/") ? invokePath(stub, name.substring(1)) : invoke(stub, name, json));
    String text = JsonFormat.printer().print((MessageOrBuilder) response);
    return new Outcome(null, "", "", Json.read(text));
  }

  /** The stub's method of that name. */
  private static Message invoke(OptimizerServiceBlockingStub stub, String name, String json) {
    String javaName = Character.toLowerCase(name.charAt(0)) + name.substring(1);
    Method method =
        Arrays.stream(stub.getClass().getMethods()).filter(one -> one.getName().equals(javaName)).findFirst().orElseThrow();
    try {
      Message.Builder request =
          (Message.Builder) method.getParameterTypes()[0].getMethod("newBuilder").invoke(null);
      JsonFormat.parser().merge(json, request);
      return (Message) method.invoke(stub, request.build());
    } catch (InvocationTargetException thrown) {
      throw (RuntimeException) thrown.getCause();
    } catch (ReflectiveOperationException | com.google.protobuf.InvalidProtocolBufferException wrong) {
      throw new IllegalArgumentException(wrong);
    }
  }

  /** Any method by its path, with an empty request. */
  private static Message invokePath(OptimizerServiceBlockingStub stub, String path) {
    MethodDescriptor<BooleanDomain, BooleanDomain> method =
        MethodDescriptor.<BooleanDomain, BooleanDomain>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(path)
            .setRequestMarshaller(ProtoUtils.marshaller(BooleanDomain.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(BooleanDomain.getDefaultInstance()))
            .build();
    return ClientCalls.blockingUnaryCall(stub.getChannel(), method, stub.getCallOptions(), BooleanDomain.getDefaultInstance());
  }

  @Override
  public void close() {
    client.close();
  }
}
