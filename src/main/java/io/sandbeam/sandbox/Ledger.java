package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSealedException;
import io.sandbeam.service.Tag;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which sandboxes a session answers for, and what became of the others. */
final class Ledger implements Tracker {
  /** A session is for one job, or a few; the service refuses what is not remembered here. */
  private static final int MOST_SEALED = 1000;

  private final Set<Sandbox> tracked = new LinkedHashSet<>();
  private final Set<Tag> sealed = new HashSet<>();
  private boolean closed;
  private long created;
  private long adopted;
  private long stopped;
  private long ended;
  private long alreadyGone;
  private long neverStarted;
  private long failedStops;

  /** Takes up a sandbox that does not exist yet. */
  void add(Sandbox sandbox) {
    synchronized (this) {
      refuseWhenClosed();
      tracked.add(sandbox);
    }
    sandbox.lifecycle().trackedBy(this);
  }

  /** Takes up a sandbox that exists. */
  void adopt(Sandbox sandbox) {
    synchronized (this) {
      refuseWhenClosed();
      if (!tracked.add(sandbox)) {
        return;
      }
      adopted++;
    }
    sandbox.lifecycle().trackedBy(this);
  }

  /** Takes up no more, and gives what is to be stopped. Nothing is forgotten by this. */
  synchronized List<Sandbox> close() {
    closed = true;
    return List.copyOf(tracked);
  }

  synchronized int size() {
    return tracked.size();
  }

  synchronized boolean tracks(Sandbox sandbox) {
    return tracked.contains(sandbox);
  }

  synchronized SessionCounts counts() {
    return new SessionCounts(
        created, adopted, stopped, ended, alreadyGone, neverStarted, failedStops);
  }

  @Override
  public synchronized void starting(Sandbox sandbox) {
    refuseWhenClosed();
    for (Tag job : sandbox.jobs()) {
      if (sealed.contains(job)) {
        throw new SandboxSealedException(job);
      }
    }
  }

  @Override
  public synchronized void notStarted(Sandbox sandbox, SandboxException why) {
    // It stays: a handle may be started again, and is stopped with the others.
    boolean known = why instanceof SandboxSealedException && sandbox.jobs().size() == 1;
    if (known && sealed.size() < MOST_SEALED) {
      sealed.addAll(sandbox.jobs());
    }
  }

  @Override
  public synchronized void created(Sandbox sandbox) {
    created++;
  }

  @Override
  public synchronized void gone(Sandbox sandbox, StopOutcome outcome) {
    if (!tracked.remove(sandbox)) {
      return;
    }
    switch (outcome) {
      case STOPPED -> stopped++;
      case ALREADY_ENDED -> ended++;
      case ALREADY_GONE -> alreadyGone++;
      case NEVER_STARTED -> neverStarted++;
    }
  }

  @Override
  public synchronized void stopFailed(Sandbox sandbox, Throwable why) {
    failedStops++;
  }

  private void refuseWhenClosed() {
    if (closed) {
      throw new SandboxException("This session is closed: open a new one");
    }
  }
}
