package io.sandbeam.service.local;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ServiceDescription;
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
    try {
      OwnerDirectory owner = OwnerDirectory.create(root, identity);
      try {
        OtherOwners others = new OtherOwners(root, owner.name());
        others.sweepDead();
        Cgroups cgroups = Cgroups.detect(CgroupHost.current(), owner.name());
        cgroups.sweepDead();
        Files.write(
            owner.path().resolve("cgroups"), cgroups.bases().stream().map(Path::toString).toList());
        return assemble(settings, identity, root, owner, others, cgroups);
      } catch (IOException | RuntimeException e) {
        owner.close();
        throw e;
      }
    } catch (IOException e) {
      throw StateRoot.unusable(root.owners(), e);
    }
  }

  private static SandboxService assemble(
      LocalSettings settings,
      Identity identity,
      StateRoot root,
      OwnerDirectory owner,
      OtherOwners others,
      Cgroups cgroups)
      throws IOException {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, threads("timer"));
    timer.setRemoveOnCancelPolicy(true);
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            0,
            MOST_WORKERS,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            threads("worker"),
            Opening::runHere);
    int starting = Math.max(2, Runtime.getRuntime().availableProcessors());
    ThreadPoolExecutor starters =
        new ThreadPoolExecutor(
            starting,
            starting,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(settings.maxSandboxes()),
            threads("starter"));
    starters.allowCoreThreadTimeOut(true);
    Pump pump = new Pump();
    Warden warden = Warden.start(owner);
    SnapshotStore store = new SnapshotStore(root.snapshots());
    Seals seals = new Seals(root.seals());
    seals.forgetOld(Instant.now());
    FifoPool fifos = new FifoPool(owner.fifos());
    LocalContext context =
        new LocalContext(
            settings,
            identity,
            owner,
            cgroups,
            fifos,
            pump,
            warden,
            store,
            seals,
            timer,
            workers,
            hostName());
    Snapshots snapshots = new Snapshots(context);
    OwnSandboxes own =
        new OwnSandboxes(context, new Images(settings.images(), owner), snapshots, starters);
    AutoCloseable resources =
        () -> {
          timer.shutdownNow();
          starters.shutdown();
          pump.close();
          fifos.close();
          warden.close();
          cgroups.close();
          owner.close();
          workers.shutdown();
        };
    return new LocalService(context, own, others, snapshots, describe(context), resources);
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
