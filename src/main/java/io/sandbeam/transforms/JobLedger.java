package io.sandbeam.transforms;

import io.sandbeam.sandbox.Session;
import io.sandbeam.sandbox.SessionCounts;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the workers in this JVM did with the sandboxes of a job, exact to the last one; kept only
 * while a launcher in this JVM asks for it. Workers elsewhere report through Beam's metrics, which
 * miss what happened outside a bundle.
 */
final class JobLedger implements AutoCloseable {
  private static final Map<String, JobLedger> OPEN = new ConcurrentHashMap<>();

  private final String jobId;
  private final Set<Session> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private long created;
  private long closed;
  private boolean used;
  private boolean balanced = true;

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
  static void opened(String jobId, Session session) {
    JobLedger ledger = OPEN.get(jobId);
    if (ledger != null) {
      ledger.opened(session);
    }
  }

  private synchronized void opened(Session session) {
    used = true;
    open.add(session);
  }

  /** A session has ended what it could; its numbers are final. */
  static void closed(String jobId, Session session) {
    JobLedger ledger = OPEN.get(jobId);
    if (ledger != null) {
      ledger.closed(session);
    }
  }

  private synchronized void closed(Session session) {
    if (!open.remove(session)) {
      return; // of an earlier run with this id
    }
    SessionCounts counts = session.counts();
    created += counts.created();
    // What a sweep or a lifetime ended is counted there.
    closed += counts.stopped();
    long gone = counts.ended() + counts.alreadyGone();
    // One that is still tracked may be alive, or may yet be born: its create was never answered.
    balanced &= session.sandboxCount() == 0 && counts.created() == counts.stopped() + gone;
  }

  /** Sessions that are still closing count with what they have done by now. */
  synchronized long created() {
    return created + open.stream().mapToLong(session -> session.counts().created()).sum();
  }

  synchronized long closed() {
    return closed + open.stream().mapToLong(session -> session.counts().stopped()).sum();
  }

  /** Whether any worker of the job was in this JVM. */
  synchronized boolean isUsed() {
    return used;
  }

  /** Whether all that the job's workers here asked for is known to have ended. */
  synchronized boolean isBalanced() {
    return used && open.isEmpty() && balanced;
  }

  @Override
  public void close() {
    OPEN.remove(jobId, this);
  }
}
