package io.sandbeam.service.local;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.leased.Lifecycle;
import io.sandbeam.service.leased.Milestones;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the parts of one sandbox share. */
record SandboxParts(
    String id,
    LocalContext context,
    SandboxDirectory directory,
    Lifecycle life,
    SandboxProcess process,
    Milestones milestones) {

  private static final Logger LOG = LoggerFactory.getLogger(SandboxParts.class);

  SandboxSpec spec() {
    return life.spec();
  }

  SandboxInfo info() {
    return directory.shown(life.info());
  }

  SandboxNotRunningException notRunning() {
    return new SandboxNotRunningException(id, info().state(), life.why());
  }

  /** One at a time, so that an older state never replaces a newer one. */
  void writeRecord() throws IOException {
    synchronized (directory) {
      new SandboxRecord(info(), process.init()).write(directory.path());
    }
  }

  void writeRecordQuietly() {
    try {
      writeRecord();
    } catch (IOException e) {
      LOG.warn("Sandbox {}: its record cannot be written; other processes see an older one", id, e);
    }
  }

  /** Runs a task on the timer, unless the sandbox is gone by then. */
  void later(Duration delay, Runnable task) {
    Future<?> timed =
        context
            .timer()
            .later(
                delay,
                () -> {
                  if (!life.isTerminal()) {
                    task.run();
                  }
                });
    // Or the timer would hold on to what is gone until the end of its lifetime.
    var unused = milestones.gone().whenComplete((info, failure) -> timed.cancel(false));
  }
}
