package io.sandbeam.transforms;

import io.sandbeam.sandbox.SessionCounts;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the workers in this JVM did with the sandboxes of a job, exact to the last one; kept only
 * while a launcher in this JVM asks for it. Workers elsewhere report through Beam's metrics, which
 * miss what happened outside a bundle.
 */
final class JobLedger implements AutoCloseable {
  private static final Map<String, JobLedger> OPEN = new ConcurrentHashMap<>();

  private final String jobId;
  private long created;
  private long closed;
  private long gone;
  private long sessions;
  private long closedSessions;

  private JobLedger(String jobId) {
    this.jobId = jobId;
  }

  /**
   * Starts to keep a job's numbers.
   *
   * @throws IllegalStateException when this JVM is running the job already
   */
  static JobLedger open(String jobId) {
    JobLedger ledger = new JobLedger(jobId);
    if (OPEN.putIfAbsent(jobId, ledger) != null) {
      throw new IllegalStateException(
          "Job " + jobId + " is running in this JVM already: give each run its own --jobId");
    }
    return ledger;
  }

  /** A session of the job was opened in this JVM. */
  static void opened(String jobId) {
    JobLedger ledger = OPEN.get(jobId);
    if (ledger != null) {
      ledger.opened();
    }
  }

  private synchronized void opened() {
    sessions++;
  }

  /** Adds a closed session's numbers, when somebody keeps those of its job. */
  static void add(String jobId, SessionCounts counts) {
    JobLedger ledger = OPEN.get(jobId);
    if (ledger != null) {
      ledger.add(counts);
    }
  }

  private synchronized void add(SessionCounts counts) {
    created += counts.created();
    // What a sweep or a lifetime ended is counted there.
    closed += counts.stopped();
    gone += counts.ended() + counts.alreadyGone();
    closedSessions++;
  }

  synchronized long created() {
    return created;
  }

  synchronized long closed() {
    return closed;
  }

  /** Whether any worker of the job was in this JVM. */
  synchronized boolean isUsed() {
    return sessions > 0;
  }

  /** Whether all that the job's workers here created is known to have ended. */
  synchronized boolean isBalanced() {
    return sessions > 0 && sessions == closedSessions && created == closed + gone;
  }

  @Override
  public void close() {
    OPEN.remove(jobId, this);
  }
}
