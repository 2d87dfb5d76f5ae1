package io.sandbeam.service.local;

import io.sandbeam.service.leased.Lifecycle;
import java.io.IOException;
import java.util.Optional;

/**
 * What carries one sandbox on the host: bubblewrap and process 1, their control groups, and the
 * warden's lease. Nothing waits under its monitor but the start itself. Thread-safe.
 */
final class SandboxProcess {
  private final String id;
  private final Limits limits;
  private final LocalContext context;
  private final Lifecycle life;

  private Watchdog watchdog;
  private Optional<HostProcess> init = Optional.empty();
  private Optional<Cgroup> cgroup = Optional.empty();
  private Optional<Warden.Lease> lease = Optional.empty();
  private long oomKillsSeen;

  SandboxProcess(String id, Limits limits, LocalContext context, Lifecycle life) {
    this.id = id;
    this.limits = limits;
    this.context = context;
    this.life = life;
  }

  /** False when the sandbox's end began before: then nothing was started. */
  synchronized boolean start(
      BwrapCommand command, SandboxDirectory directory, Watchdog.Listener listener)
      throws IOException {
    if (life.isOver()) {
      return false;
    }
    cgroup = Optional.of(context.cgroups().create(id, limits));
    watchdog = Watchdog.start(id, command.argv(), directory.log(), listener);
    return true;
  }

  /** Process 1 is there: it gets its limits and its lease. False when it is to be killed. */
  synchronized boolean settle() throws IOException {
    init = HostProcess.childrenOf(watchdog.pid()).stream().findFirst();
    if (init.isEmpty()) {
      throw new IOException("bubblewrap has no child process");
    }
    if (life.isKilled()) {
      init.get().kill();
      return false;
    }
    cgroup.orElseThrow().join(init.get());
    init.get().preferInOutOfMemory();
    lease = Optional.of(context.warden().watch(init.get(), life.remaining()));
    return true;
  }

  /** Process 1, once it is known. */
  synchronized Optional<HostProcess> init() {
    return init;
  }

  /** Writes one line to the watchdog; false when there is none (yet, or any more). */
  synchronized boolean send(String line) {
    return watchdog != null && watchdog.send(line);
  }

  /** Kills it, or whatever will be started. */
  void kill() {
    life.kill();
    synchronized (this) {
      init.ifPresent(HostProcess::kill);
      if (watchdog != null) {
        watchdog.release();
      }
    }
  }

  /** Kills a start that hangs: bubblewrap itself, and its child. */
  synchronized void killStart() {
    if (watchdog != null) {
      HostProcess.childrenOf(watchdog.pid()).forEach(HostProcess::kill);
      HostProcess.of(watchdog.pid()).ifPresent(HostProcess::kill);
    }
  }

  /** Ends the lease; whether all is gone. What is not yet, is killed. */
  synchronized boolean isGone() {
    watchdog.release();
    // The pipe is closed before the kernel has ended the last process of the namespace.
    boolean alive = init.filter(HostProcess::isAlive).isPresent();
    if (alive) {
      init.get().kill();
    }
    return !alive;
  }

  /** Whether the kernel has killed for want of memory since the last question. */
  synchronized boolean newOomKills() {
    long kills = cgroup.map(Cgroup::oomKills).orElse(0L);
    boolean more = kills > oomKillsSeen;
    oomKillsSeen = kills;
    return more;
  }

  /** Removes what the host keeps of it; all its processes are dead. */
  void remove() {
    Optional<Cgroup> group;
    Optional<Warden.Lease> leased;
    synchronized (this) {
      group = cgroup;
      leased = lease;
      // Its buffers are not kept as long as the record is.
      watchdog = null;
    }
    group.ifPresent(Cgroup::remove);
    leased.ifPresent(Warden.Lease::end);
  }
}
