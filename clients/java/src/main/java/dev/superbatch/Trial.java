package dev.superbatch;

import dev.superbatch.common.v1.Cost;
import dev.superbatch.common.v1.Value;
import dev.superbatch.optimizer.v1.Command;
import dev.superbatch.optimizer.v1.CompleteTrialRequest;
import dev.superbatch.optimizer.v1.FailTrialRequest;
import dev.superbatch.optimizer.v1.FailureKind;
import dev.superbatch.optimizer.v1.ProgressPoint;
import dev.superbatch.optimizer.v1.ReportProgressRequest;
import dev.superbatch.optimizer.v1.ReportProgressResponse;
import dev.superbatch.optimizer.v1.TrialLease;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A leased trial, whose lease a thread keeps until it ends. Closing a trial that has not ended gives it back. Safe for use by several threads.
 *
 * <p>Messages go one at a time, so that points arrive in order and nothing follows the end.
 */
public final class Trial implements AutoCloseable {
  /** A result is sent again for so long while the optimizer does not answer: a trial may have cost hours, a restart costs seconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final int LONGEST_REASON = 4096;

  private final SuperbatchClient client;
  private final TrialLease lease;
  private final long started = System.nanoTime();
  private final Duration heartbeat;
  private final ScheduledExecutorService heartbeats;
  private final TreeMap<Long, ProgressPoint> points = new TreeMap<>();
  private Double lastValue;
  private volatile boolean ended;
  private volatile RuntimeException command;

  Trial(SuperbatchClient client, TrialLease lease) {
    this.client = client;
    this.lease = lease;
    this.heartbeat = Duration.ofNanos((long) (lease.getLeaseSeconds() / 4 * 1e9));
    this.heartbeats =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "heartbeat of " + name());
              thread.setDaemon(true);
              return thread;
            });
    heartbeats.scheduleWithFixedDelay(this::beat, heartbeat.toNanos(), heartbeat.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** {@code projects/{project}/studies/{study}/trials/{number}}. */
  public String name() {
    return lease.getTrial().getName();
  }

  /** The trial as it was leased. */
  public dev.superbatch.optimizer.v1.Trial message() {
    return lease.getTrial();
  }

  /** Values by name; inactive parameters are absent. */
  public Map<String, Value> parameters() {
    return lease.getTrial().getParametersMap();
  }

  /** The value of a numeric parameter. */
  public double number(String name) {
    return lease.getTrial().getParametersOrThrow(name).getNumber();
  }

  /** The value of a categorical parameter. */
  public String text(String name) {
    return lease.getTrial().getParametersOrThrow(name).getText();
  }

  /** The value of a boolean parameter. */
  public boolean flag(String name) {
    return lease.getTrial().getParametersOrThrow(name).getFlag();
  }

  /** For the trial's own randomness: equal in every attempt. */
  public long seed() {
    return lease.getSeed();
  }

  /** W3C trace context of the trial, to be the parent of the worker's spans. */
  public String traceparent() {
    return lease.getTrial().getTraceparent();
  }

  /**
   * Adds a point to the learning curve; of the same step the last one counts. If the optimizer cannot be reached, it goes with the next message.
   *
   * @throws StopEarlyException if the study finds the trial hopeless
   * @throws TrialCancelledException if the lease is lost, or the trial or study is gone
   */
  public void report(long step, double value) {
    report(ProgressPoint.newBuilder().setStep(step).putMetrics(lease.getMetric(), value).setCost(spent(null)).build());
  }

  /** {@link #report(long, double)} for a point with other metrics, or a cost by phase. */
  public synchronized void report(ProgressPoint point) {
    checkRunning();
    points.put(point.getStep(), point);
    if (point.containsMetrics(lease.getMetric())) {
      lastValue = point.getMetricsOrThrow(lease.getMetric());
    }
    send(point.getCost());
    check();
  }

  /** Throws what the optimizer has told since. Costs nothing. */
  public void check() {
    if (command != null) {
      throw command;
    }
  }

  /**
   * Ends the trial with a result, sent again for minutes while the optimizer cannot be reached.
   *
   * @throws SuperbatchException if the result is refused; the trial has not ended then
   */
  public synchronized void complete(Result result) {
    checkRunning();
    CompleteTrialRequest.Builder request =
        CompleteTrialRequest.newBuilder()
            .setTrial(name())
            .setLeaseId(lease.getLeaseId())
            .setStoppedEarly(result.stoppedEarly())
            .setRequestId(SuperbatchClient.requestId());
    request.getMeasurementBuilder().setValue(result.value()).putAllMetrics(result.metrics()).setCost(spent(result.cost()));
    client.call(PATIENCE, stub -> stub.completeTrial(request.build()));
    leave();
  }

  /** Ends the attempt without a result; the trial is tried again while the study allows. */
  public void fail(String reason) {
    fail(FailureKind.FAILURE_KIND_FAILED, reason);
  }

  /** Says that the point cannot be evaluated: the study learns to avoid it. */
  public void infeasible(String reason) {
    fail(FailureKind.FAILURE_KIND_INFEASIBLE, reason);
  }

  /** Gives the trial to another worker; the attempt does not count. */
  public void giveBack() {
    fail(FailureKind.FAILURE_KIND_RETURNED, "the worker is stopping");
  }

  /** Ends the trial for good; the study forgets it. */
  public void abandon(String reason) {
    fail(FailureKind.FAILURE_KIND_ABANDONED, reason);
  }

  @Override
  public synchronized void close() {
    if (!ended) {
      if (command instanceof TrialCancelledException) {
        leave();
      } else {
        giveBack();
      }
    }
  }

  /** Evaluates an objective and ends the trial as that ended: an interruption gives it back, any other exception fails it. */
  void evaluate(Objective objective) throws Exception {
    try {
      complete(objective.evaluate(this));
    } catch (StopEarlyException told) {
      stopEarly();
    } catch (TrialCancelledException told) {
      command = told;
    } catch (InfeasibleException error) {
      infeasible(String.valueOf(error.getMessage()));
    } catch (InterruptedException stopping) {
      throw stopping;
    } catch (Exception error) {
      if (!ended) {
        fail(String.valueOf(error));
      }
      throw error;
    } finally {
      close();
    }
  }

  private synchronized void stopEarly() {
    if (lastValue == null) {
      fail("stopped early before the first value was reported");
    } else {
      complete(new Result(lastValue, null, Map.of(), true));
    }
  }

  private synchronized void fail(FailureKind kind, String reason) {
    checkRunning();
    FailTrialRequest request =
        FailTrialRequest.newBuilder()
            .setTrial(name())
            .setLeaseId(lease.getLeaseId())
            .setKind(kind)
            .setReason(reason.substring(0, Math.min(reason.length(), LONGEST_REASON)))
            .setCost(spent(null))
            .setRequestId(SuperbatchClient.requestId())
            .build();
    client.call(PATIENCE, stub -> stub.failTrial(request));
    leave();
  }

  private void checkRunning() {
    if (ended) {
      throw new IllegalStateException(name() + " has ended: nothing more can be reported");
    }
  }

  /** Ends the heartbeats. The caller holds the monitor. */
  private void leave() {
    ended = true;
    heartbeats.shutdown();
  }

  private Cost spent(Cost cost) {
    return cost == null ? Cost.newBuilder().setTotal((System.nanoTime() - started) / 1e9).build() : cost;
  }

  private synchronized void beat() {
    if (ended || command != null) {
      return;
    }
    try {
      send(null);
    } catch (SuperbatchException refused) {
      // What is refused now is refused again, and told, at the next report.
      return;
    }
  }

  /** Reports what has not been delivered yet, or keeps it if the optimizer cannot be reached. The caller holds the monitor. */
  private void send(Cost cost) {
    Collection<ProgressPoint> sent = List.copyOf(points.values());
    ReportProgressRequest.Builder request =
        ReportProgressRequest.newBuilder()
            .setTrial(name())
            .setLeaseId(lease.getLeaseId())
            .addAllPoints(sent)
            .setRequestId(SuperbatchClient.requestId());
    if (cost != null) {
      request.setCost(cost);
    }
    ReportProgressResponse response;
    try {
      Duration within = heartbeat.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : heartbeat;
      response = client.call(within, stub -> stub.reportProgress(request.build()));
    } catch (SuperbatchException error) {
      if (error.isUnreached()) {
        return;
      }
      points.clear();
      throw error;
    }
    points.clear();
    if (response.getCommand() == Command.COMMAND_STOP_EARLY) {
      command = new StopEarlyException(response.getReason());
    } else if (response.getCommand() == Command.COMMAND_CANCEL) {
      command = new TrialCancelledException(response.getReason());
    }
  }
}
