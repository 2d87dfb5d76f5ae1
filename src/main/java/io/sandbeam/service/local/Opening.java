package io.sandbeam.service.local;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.leased.Timer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Puts a service together, and takes it apart.
 *
 * <p>Its threads: one timer, one pump, a few that start bubblewrap, workers that come and go with
 * the calls under way (at most {@value #MOST_WORKERS}; then calls run on their callers), and for
 * each live sandbox one reader of its reports beside the one that the JDK gives every process.
 */
final class Opening {
  private static final int MOST_WORKERS = 256;

  private Opening() {}

  static SandboxService open(LocalSettings settings) {
    Identity identity = Identity.current();
    Probe.require(settings, identity);
    StateRoot root = StateRoot.open(settings.stateDirectory(), identity);
    Belongings belongings = new Belongings();
    try {
      return assemble(settings, identity, root, belongings);
    } catch (IOException e) {
      throw closeAfter(belongings, StateRoot.unusable(root.owners(), e));
    } catch (RuntimeException e) {
      throw closeAfter(belongings, e);
    }
  }

  private static RuntimeException closeAfter(Belongings belongings, RuntimeException failure) {
    try {
      belongings.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  private static SandboxService assemble(
      LocalSettings settings, Identity identity, StateRoot root, Belongings belongings)
      throws IOException {
    ThreadPoolExecutor workers = workers();
    belongings.add("workers", workers::shutdown);
    OwnerDirectory owner = OwnerDirectory.create(root, identity);
    belongings.add("owner's directory", owner::close);
    OtherOwners others = new OtherOwners(root, owner.name());
    others.sweepDead();
    Cgroups cgroups = Cgroups.detect(CgroupHost.current(), owner.name());
    belongings.add("cgroups", cgroups::close);
    cgroups.sweepDead();
    Files.write(
        owner.path().resolve("cgroups"), cgroups.bases().stream().map(Path::toString).toList());
    Warden warden = Warden.start(owner);
    belongings.add("warden", warden::close);
    Seals seals = new Seals(root.seals());
    seals.forgetOld(Instant.now());
    FifoPool fifos = new FifoPool(owner.fifos());
    belongings.add("pipes", fifos::close);
    Pump pump = new Pump();
    belongings.add("pump", pump::close);
    ThreadPoolExecutor starters = starters(settings.maxSandboxes());
    belongings.add("starters", starters::shutdown);
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, threads("timer"));
    timer.setRemoveOnCancelPolicy(true);
    belongings.add("timer", timer::shutdownNow);
    LocalContext context =
        new LocalContext(
            settings,
            identity,
            owner,
            cgroups,
            fifos,
            pump,
            warden,
            new SnapshotStore(root.snapshots()),
            seals,
            new Timer(timer),
            workers,
            hostName());
    Snapshots snapshots = new Snapshots(context);
    OwnSandboxes own =
        new OwnSandboxes(context, new Images(settings.images(), owner), snapshots, starters);
    return new LocalService(context, own, others, snapshots, describe(context), belongings);
  }

  private static ThreadPoolExecutor workers() {
    return new ThreadPoolExecutor(
        0,
        MOST_WORKERS,
        10,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        threads("worker"),
        Opening::runHere);
  }

  private static ThreadPoolExecutor starters(int mostWaiting) {
    int starting = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadPoolExecutor starters =
        new ThreadPoolExecutor(
            starting,
            starting,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(mostWaiting),
            threads("starter"));
    starters.allowCoreThreadTimeOut(true);
    return starters;
  }

  /** The caller does the work when all workers are busy; after a close, nobody does. */
  private static void runHere(Runnable task, ThreadPoolExecutor pool) {
    if (pool.isShutdown()) {
      throw new RejectedExecutionException("the local service is closed");
    }
    task.run();
  }

  private static ThreadFactory threads(String role) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "sandbeam-local-" + role + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  private static ServiceDescription describe(LocalContext context) {
    Map<String, String> facts = new TreeMap<>(Facts.of(context));
    return new ServiceDescription("local", Set.of(context.host()), facts);
  }

  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A machine whose own name has no address still has a name.
      try {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
      } catch (IOException unreadable) {
        return "localhost";
      }
    }
  }
}
