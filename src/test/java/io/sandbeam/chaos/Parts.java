package io.sandbeam.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.runners.FlinkCluster;
import io.sandbeam.runners.Scripts;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.testing.TestEngine;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The real parts that rounds share: a Flink cluster, a server, a container engine, each started
 * when it is first needed, and in each place a sandbox of a foreign job. All are this run's own.
 */
final class Parts implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DOCKER_SETTINGS =
      " --serviceSetting=image=" + TestEngine.BUSYBOX + " --serviceSetting=pull=never";

  private final Path folder;
  private final Scripts scripts;
  private final Map<Place, ForeignJob> foreign = new EnumMap<>(Place.class);
  private FlinkCluster cluster;
  private ServedPlace served;
  private Link engineLink;
  private Process launcher;
  private boolean closed;

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
  Process launch(String line, Path out, Path err) throws IOException {
    launcher = scripts.start(line, out, err);
    return launcher;
  }

  FlinkCluster cluster() throws IOException, InterruptedException {
    if (cluster == null) {
      cluster = FlinkCluster.start(scripts);
    }
    return cluster;
  }

  ServedPlace served() throws IOException {
    if (served == null) {
      served = new ServedPlace(folder.resolve("served"));
    }
    return served;
  }

  Link engineLink() throws IOException {
    if (engineLink == null) {
      engineLink = Link.unix(folder.resolve("engine.sock"), engineSocket());
    }
    return engineLink;
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
    ForeignJob job = foreign.get(place);
    if (job == null) {
      job =
          new ForeignJob(
              switch (place) {
                case LOCAL ->
                    ServiceConfig.of("local")
                        .withSetting("state-dir", folder.resolve("state").toString());
                case SERVED -> ServiceConfig.of(served().direct());
                case DOCKER -> TestEngine.DOCKER.config(TestEngine.BUSYBOX);
              });
      foreign.put(place, job);
    }
    return job;
  }

  /** What the place itself says is alive of a job, by other means than the sweep's. */
  List<String> alive(Place place, String job) throws IOException, InterruptedException {
    return switch (place) {
      case LOCAL -> foreign(place).listed(job);
      case SERVED -> servedAlive(job);
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

  private List<String> servedAlive(String job) throws IOException, InterruptedException {
    URI uri = URI.create(served().direct() + "/v1/sandboxes?tags=job." + job);
    JsonNode answer =
        JSON.readTree(
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body());
    List<String> alive = new ArrayList<>();
    answer.path("sandboxes").forEach(sandbox -> alive.add(sandbox.path("sandboxId").asText()));
    return alive;
  }

  /** Does nothing the second time. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (launcher != null) {
      launcher.destroyForcibly();
    }
    List<Closeable> all = new ArrayList<>();
    foreign.values().forEach(job -> all.add(job::close));
    if (cluster != null) {
      all.add(this::stopCluster);
    }
    if (engineLink != null) {
      all.add(engineLink::close);
    }
    if (served != null) {
      all.add(served::close);
    }
    IOException failure = new IOException("Not all of " + folder + " has ended");
    for (Closeable one : all) {
      try {
        one.close();
      } catch (IOException | RuntimeException e) {
        // The others are to end all the same.
        failure.addSuppressed(e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }

  private void stopCluster() throws IOException {
    try {
      cluster.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The Flink cluster at " + cluster.address() + " may still run", e);
    }
  }
}
