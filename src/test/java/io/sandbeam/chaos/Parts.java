package io.sandbeam.chaos;

import static org.awaitility.Awaitility.await;

import io.sandbeam.faults.ProcessTable;
import io.sandbeam.runners.FlinkCluster;
import io.sandbeam.runners.Scripts;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The real parts that rounds share: a Flink cluster, a server, a container engine, each started
 * when it is first needed, and in each place a sandbox of a foreign job. All are this run's own.
 */
final class Parts implements AutoCloseable {
  private static final String DOCKER_SETTINGS =
      " --serviceSetting=image=" + TestEngine.BUSYBOX + " --serviceSetting=pull=never";

  /** The server's own folder within that of all parts. */
  private static final String SERVED = "served";

  private static final int MOST_LOOKS = 100;
  private static final Duration JOB_LIMIT = Duration.ofSeconds(10);
  private static final Duration PLACE_LIMIT = Duration.ofSeconds(25);

  private final Path folder;
  private final Scripts scripts;
  private final Map<Place, ForeignJob> foreign = new EnumMap<>(Place.class);
  private FlinkCluster cluster;
  private ServedPlace served;
  private Link engineLink;
  private Process launcher;
  private boolean refusing;

  /** Of a folder that sandboxes can be reached in: passable for every user. */
  Parts(Path folder) throws IOException {
    this.folder = folder;
    this.scripts = Scripts.in(folder);
  }

  Path folder() {
    return folder;
  }

  Scripts scripts() {
    return scripts;
  }

  /** Starts a launcher, which ends with these parts at the latest. */
  synchronized Process launch(String line, Path out, Path err) throws IOException {
    requireOpen();
    launcher = scripts.start(line, out, err);
    return launcher;
  }

  // Each is on record before it is started: whoever ends the parts meanwhile finds it.

  FlinkCluster cluster() throws IOException, InterruptedException {
    FlinkCluster known;
    synchronized (this) {
      requireOpen();
      cluster = cluster == null ? FlinkCluster.in(scripts) : cluster;
      known = cluster;
    }
    if (!known.isStarted()) {
      known.start();
    }
    return known;
  }

  ServedPlace served() throws IOException {
    ServedPlace known;
    synchronized (this) {
      requireOpen();
      served = served == null ? new ServedPlace(folder.resolve(SERVED)) : served;
      known = served;
    }
    if (!known.isStarted()) {
      known.start();
    }
    return known;
  }

  Link engineLink() throws IOException {
    Path target = engineSocket();
    synchronized (this) {
      requireOpen();
      engineLink =
          engineLink == null ? Link.unix(folder.resolve("engine.sock"), target) : engineLink;
      return engineLink;
    }
  }

  private void requireOpen() {
    if (refusing) {
      throw new IllegalStateException("The parts in " + folder + " end: nothing is started");
    }
  }

  private static Path engineSocket() {
    return Path.of(TestEngine.DOCKER.address().substring("docker:unix://".length()));
  }

  /** The options of a pipeline whose sandboxes are to be there; networks can be cut. */
  String runOptions(Place place) throws IOException {
    return switch (place) {
      case LOCAL -> "";
      case SERVED -> " --service=" + served().throughLink();
      case DOCKER -> {
        engineLink();
        yield " --service=docker:unix://" + folder.resolve("engine.sock") + DOCKER_SETTINGS;
      }
    };
  }

  /** The options of a sweep; no network lies between. */
  String sweepOptions(Place place) throws IOException {
    return switch (place) {
      case LOCAL -> "";
      case SERVED -> " --service=" + served().direct();
      case DOCKER -> " --service=" + TestEngine.DOCKER.address() + DOCKER_SETTINGS;
    };
  }

  ForeignJob foreign(Place place) throws IOException {
    ServiceConfig config =
        switch (place) {
          case LOCAL ->
              ServiceConfig.of("local")
                  .withSetting("state-dir", folder.resolve("state").toString());
          case SERVED -> ServiceConfig.of(served().direct());
          case DOCKER -> TestEngine.DOCKER.config(TestEngine.BUSYBOX);
        };
    ForeignJob known;
    synchronized (this) {
      requireOpen();
      known = foreign.computeIfAbsent(place, one -> new ForeignJob(config));
    }
    if (!known.isStarted()) {
      known.start();
    }
    return known;
  }

  /** What the place itself says is alive of a job, by other means than the sweep's. */
  List<String> alive(Place place, String job) throws IOException, InterruptedException {
    return switch (place) {
      case LOCAL -> foreign(place).listed(job);
      case SERVED -> served().alive(job);
      case DOCKER -> {
        Scripts.Ended list =
            scripts.run(
                "docker -H unix://"
                    + engineSocket()
                    + " ps --all --no-trunc --quiet --filter label=sandbeam.tag.job."
                    + job);
        yield list.status() == 0 ? list.out().lines().toList() : List.of(list.err());
      }
    };
  }

  /** From now on nothing is started. */
  synchronized void refuse() {
    refusing = true;
  }

  /**
   * Ends all of it, each part on its own time and none for longer than a limit; what does not end
   * is killed. Harmless the second time.
   *
   * @throws IOException with all that went wrong
   */
  @Override
  public void close() throws IOException {
    List<AllAtOnce.Task> jobs = new ArrayList<>();
    List<AllAtOnce.Task> places = new ArrayList<>();
    synchronized (this) {
      refusing = true;
      if (launcher != null) {
        launcher.destroyForcibly();
      }
      foreign.values().forEach(job -> jobs.add(job::close));
      if (cluster != null) {
        places.add(cluster::stop);
      }
      if (engineLink != null) {
        places.add(engineLink::close);
      }
      if (served != null) {
        places.add(served::close);
      }
      foreign.clear();
      cluster = null;
      engineLink = null;
      served = null;
    }
    List<Throwable> failures = new ArrayList<>(AllAtOnce.run(jobs, JOB_LIMIT));
    failures.addAll(AllAtOnce.run(places, PLACE_LIMIT));
    kill();
    try {
      // What a killed launcher leaves ends by itself, soon.
      await().atMost(JOB_LIMIT).until(() -> running().isEmpty());
    } catch (ConditionTimeoutException e) {
      failures.add(new IllegalStateException("These still run: " + running(), e));
    }
    if (!failures.isEmpty()) {
      IOException failure = new IOException("Not all of " + folder + " has ended as it should");
      failures.forEach(failure::addSuppressed);
      throw failure;
    }
  }

  /** Ends every process that was started here and still runs, at once and without a word. */
  void kill() {
    kill(folder);
  }

  static void kill(Path folder) {
    for (Path one : List.of(folder, folder.resolve(SERVED))) {
      String inherited = Scripts.inherited(one);
      List<ProcessHandle> found = ProcessTable.inheriting(inherited);
      // A child of the killed may be younger than a look.
      for (int look = 0; look < MOST_LOOKS && !found.isEmpty(); look++) {
        found.forEach(ProcessHandle::destroyForcibly);
        found = ProcessTable.inheriting(inherited);
      }
    }
  }

  private List<String> running() {
    return ProcessTable.holding(folder + "/");
  }
}
