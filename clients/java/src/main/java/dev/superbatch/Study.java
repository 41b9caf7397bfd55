package dev.superbatch;

import dev.superbatch.optimizer.v1.GetRecommendationRequest;
import dev.superbatch.optimizer.v1.GetRecommendationResponse;
import dev.superbatch.optimizer.v1.LeaseTrialsRequest;
import dev.superbatch.optimizer.v1.LeaseTrialsResponse;
import dev.superbatch.optimizer.v1.TrialLease;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A study of an optimizer. Safe for use by several threads. */
public final class Study {
  private static final Duration LONG_POLL = Duration.ofSeconds(20);
  private static final double SHORTEST_WAIT_SECONDS = 0.2;
  private static final double LONGEST_WAIT_SECONDS = 5;

  private final SuperbatchClient client;
  private final String name;

  Study(SuperbatchClient client, String name) {
    this.client = client;
    this.name = name;
  }

  /** {@code projects/{project}/studies/{study}}. */
  public String name() {
    return name;
  }

  /** Leases a trial, waiting for one without end. See {@link #ask(String, Map)}. */
  public Trial ask() throws InterruptedException {
    return ask(workerName(), Map.of());
  }

  /**
   * Leases a trial, waiting for one until the thread is interrupted.
   *
   * @param worker who asks, unique among the workers
   * @param capabilities compared with the study's requirements
   * @throws StudyCompletedException if there will be no more trials
   */
  public Trial ask(String worker, Map<String, String> capabilities) throws InterruptedException {
    while (true) {
      LeaseTrialsRequest request =
          LeaseTrialsRequest.newBuilder()
              .setStudy(name)
              .setWorker(worker)
              .setCount(1)
              .setWaitSeconds(LONG_POLL.toSeconds())
              .putAllCapabilities(capabilities)
              .setRequestId(SuperbatchClient.requestId())
              .build();
      LeaseTrialsResponse response = client.call(LONG_POLL.plus(client.timeout()), stub -> stub.leaseTrials(request));
      for (TrialLease lease : response.getLeasesList()) {
        return new Trial(client, lease);
      }
      if (response.getStudyCompleted()) {
        throw new StudyCompletedException(name + " is completed");
      }
      double wait = Math.min(LONGEST_WAIT_SECONDS, Math.max(SHORTEST_WAIT_SECONDS, response.getRetryAfterSeconds()));
      Thread.sleep((long) (wait * 1000));
    }
  }

  /**
   * Takes trials and evaluates them until the study is completed. The first exception ends the loop: its trial fails, and what the other threads evaluate is
   * interrupted and given back.
   *
   * @param parallel trials at the same time, each in a thread
   * @throws ExecutionException with what an objective threw
   */
  public void run(Objective objective, int parallel) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(parallel);
    try {
      ExecutorCompletionService<Void> loops = new ExecutorCompletionService<>(threads);
      for (int i = 0; i < parallel; i++) {
        loops.submit(
            () -> {
              work(objective);
              return null;
            });
      }
      for (int i = 0; i < parallel; i++) {
        loops.take().get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** What the study recommends. */
  public GetRecommendationResponse recommendation() {
    GetRecommendationRequest request = GetRecommendationRequest.newBuilder().setStudy(name).build();
    return client.call(stub -> stub.getRecommendation(request));
  }

  private void work(Objective objective) throws Exception {
    try {
      while (true) {
        ask().evaluate(objective);
      }
    } catch (StudyCompletedException completed) {
      return;
    }
  }

  private static String workerName() {
    return ProcessHandle.current().pid() + ":" + SuperbatchClient.requestId();
  }
}
