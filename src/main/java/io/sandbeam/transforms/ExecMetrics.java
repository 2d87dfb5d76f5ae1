package io.sandbeam.transforms;

import io.sandbeam.sandbox.SessionCounts;
import java.io.Serializable;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.apache.beam.sdk.metrics.Counter;
import org.apache.beam.sdk.metrics.Distribution;
import org.apache.beam.sdk.metrics.Metrics;

/**
 * The step's Beam metrics. Changed on the runner's thread only: on any other one Beam drops the
 * change without a word.
 */
final class ExecMetrics implements Serializable {
  private static final long serialVersionUID = 1;

  static final String NAMESPACE = "sandbeam";
  static final String NOT_RUN = "commands_not_run";
  static final String ATTEMPTS = "attempts";
  static final String CREATED = "sandboxes_created";
  static final String CLOSED = "sandboxes_closed";
  static final String SWEPT = "sandboxes_swept";
  static final String STARTUP_MS = "startup_ms";
  static final String QUEUE_MS = "queue_ms";
  static final String RUN_MS = "run_ms";

  private final Map<CommandStatus, Counter> byStatus = new EnumMap<>(CommandStatus.class);
  private final Counter notRun = counter(NOT_RUN);
  private final Counter attempts = counter(ATTEMPTS);
  private final Counter created = counter(CREATED);
  private final Counter closed = counter(CLOSED);
  private final Distribution startup = Metrics.distribution(NAMESPACE, STARTUP_MS);
  private final Distribution queue = Metrics.distribution(NAMESPACE, QUEUE_MS);
  private final Distribution run = Metrics.distribution(NAMESPACE, RUN_MS);

  /** Beam's own name: a runner that scales by load does not count this time as work. */
  private final Counter throttled = Metrics.counter("beam-throttling-metrics", "throttling-msecs");

  ExecMetrics() {
    for (CommandStatus status : CommandStatus.values()) {
      byStatus.put(status, counter(name(status)));
    }
  }

  static String name(CommandStatus status) {
    return "commands_" + status.name().toLowerCase(Locale.ROOT);
  }

  static Counter counter(String name) {
    return Metrics.counter(NAMESPACE, name);
  }

  void count(BundleRun.Finished finished) {
    Outcome outcome = finished.outcome();
    attempts.inc(outcome.attempts());
    queue.update(finished.queueMs());
    throttled(outcome.backoffMs());
    if (outcome instanceof Outcome.Ran ran) {
      byStatus.get(CommandStatus.of(ran.result())).inc();
      startup.update(ran.startupMs());
      run.update(ran.result().duration().toMillis());
    } else {
      notRun.inc();
    }
  }

  /** Time that the service's quotas took, not the commands. */
  void throttled(long milliseconds) {
    if (milliseconds > 0) {
      throttled.inc(milliseconds);
    }
  }

  void count(SessionCounts news) {
    if (news.created() > 0) {
      created.inc(news.created());
    }
    if (news.stopped() > 0) {
      closed.inc(news.stopped());
    }
  }
}
