package io.sandbeam.service.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The containers of one engine: every call that the service makes. Calls block; they are made on
 * threads that may. What fails, fails as a {@link SandboxException}.
 */
final class Engine implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  private final DockerClientConfig config;
  private final DockerHttpClient calls;
  private final DockerHttpClient streams;
  private final DockerClient client;
  private final DockerClient patient;

  private Engine(DockerClientConfig config, Duration answerLimit) {
    this.config = config;
    this.calls = limited(transport(config, answerLimit), config, answerLimit);
    // An attached stream, or a pull, may be silent for long.
    this.streams = transport(config, null);
    this.client = DockerClientImpl.getInstance(config, calls);
    this.patient = DockerClientImpl.getInstance(config, streams);
  }

  /** Connects to nothing yet. */
  static Engine of(DockerSettings settings) {
    return of(settings, ANSWER_LIMIT);
  }

  /**
   * @param answerLimit how long it may think about an answer
   */
  static Engine of(DockerSettings settings, Duration answerLimit) {
    try {
      return new Engine(EngineConfig.of(settings), answerLimit);
    } catch (RuntimeException e) {
      throw EngineFailure.ofConfig(e);
    }
  }

  private static DockerHttpClient transport(DockerClientConfig config, Duration answerLimit) {
    return new ZerodepDockerHttpClient.Builder()
        .dockerHost(config.getDockerHost())
        .sslConfig(config.getSSLConfig())
        .connectionTimeout(CONNECT_LIMIT)
        .responseTimeout(answerLimit)
        .build();
  }

  private static DockerHttpClient limited(
      DockerHttpClient calls, DockerClientConfig config, Duration answerLimit) {
    return config.getDockerHost().getScheme().equals("unix")
        ? new LimitedCalls(calls, answerLimit)
        : calls;
  }

  /** Where it is, for people. */
  String address() {
    return config.getDockerHost().toString();
  }

  DefaultDockerClientConfig config() {
    return (DefaultDockerClientConfig) config;
  }

  /** For calls that are answered soon. */
  DockerClient client() {
    return client;
  }

  /** For calls that may take long. */
  DockerClient patient() {
    return patient;
  }

  /** Makes a container that does not run yet; empty when the name is taken. */
  Optional<String> create(ContainerPlan plan) {
    try {
      return Optional.of(plan.applyTo(client.createContainerCmd(plan.image())).exec().getId());
    } catch (ConflictException e) {
      return Optional.empty();
    } catch (RuntimeException e) {
      throw EngineFailure.of(this, "create container " + plan.name(), e, Effect.UNKNOWN);
    }
  }

  void start(String name) {
    try {
      client.startContainerCmd(name).exec();
    } catch (NotModifiedException e) {
      // It runs already: the answer to an earlier start was lost.
      return;
    } catch (RuntimeException e) {
      throw EngineFailure.of(this, "start container " + name, e, Effect.UNKNOWN);
    }
  }

  /** Attaches to all three streams of a container, started or not. */
  Attachment attach(String name) {
    ControlStream control = new ControlStream();
    try {
      Response response =
          streams.execute(
              Request.builder()
                  .method(Request.Method.POST)
                  .path("/containers/" + name + "/attach?stream=1&stdin=1&stdout=1&stderr=1")
                  .hijackedInput(control)
                  .build());
      return new Attachment(response, control);
    } catch (RuntimeException e) {
      throw EngineFailure.of(this, "attach to container " + name, e, Effect.UNKNOWN);
    }
  }

  /** What there is of a container that is ours; empty when it is not there, or not ours. */
  Optional<InspectContainerResponse> inspect(String name) {
    try {
      InspectContainerResponse found = client.inspectContainerCmd(name).exec();
      return Optional.of(found)
          .filter(container -> Labels.areOurs(container.getConfig().getLabels()));
    } catch (RuntimeException e) {
      if (EngineFailure.isGone(e)) {
        return Optional.empty();
      }
      throw EngineFailure.of(this, "look at container " + name, e, Effect.NONE);
    }
  }

  /** All containers with every one of these labels, whatever their state. */
  List<Container> list(Collection<String> labels) {
    return call(
        "list containers",
        Effect.NONE,
        () -> client.listContainersCmd().withShowAll(true).withLabelFilter(labels).exec());
  }

  /** Kills and removes; it may be gone already. */
  void remove(String name) {
    try {
      client.removeContainerCmd(name).withForce(true).withRemoveVolumes(true).exec();
    } catch (ConflictException e) {
      // "removal is already in progress", by its own end or by somebody else.
      return;
    } catch (RuntimeException e) {
      if (EngineFailure.isGone(e)) {
        return;
      }
      throw EngineFailure.of(this, "remove container " + name, e, Effect.UNKNOWN);
    }
  }

  /** TERM, the grace, KILL; returns when it has ended. */
  void stop(String name, Duration grace) {
    try {
      int seconds = (int) Math.min(Integer.MAX_VALUE, grace.plusMillis(999).toSeconds());
      patient.stopContainerCmd(name).withTimeout(seconds).exec();
    } catch (NotFoundException | NotModifiedException e) {
      return;
    } catch (RuntimeException e) {
      throw EngineFailure.of(this, "stop container " + name, e, Effect.UNKNOWN);
    }
  }

  /** A call that the client does not know, or not as we need it; it is answered soon. */
  Response execute(Request request) {
    return calls.execute(request);
  }

  /** Posts a body and gives the answer's text. */
  String post(String what, String path, InputStream body) {
    return call(
        what,
        Effect.UNKNOWN,
        () -> {
          Request request =
              Request.builder()
                  .method(Request.Method.POST)
                  .path(path)
                  .putHeader("Content-Type", "application/x-tar")
                  .body(body)
                  .build();
          try (Response response = streams.execute(request)) {
            String text = new String(read(response), StandardCharsets.UTF_8);
            if (response.getStatusCode() / 100 != 2) {
              throw new IllegalStateException(text);
            }
            return text;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static byte[] read(Response response) throws IOException {
    return response.getBody().readNBytes(1 << 20);
  }

  /** Any other call: what it fails with is translated. */
  <T> T call(String what, Effect effect, Supplier<T> call) {
    try {
      return call.get();
    } catch (SandboxException e) {
      throw e;
    } catch (RuntimeException e) {
      throw EngineFailure.of(this, what, e, effect);
    }
  }

  @Override
  public void close() throws IOException {
    try (calls) {
      streams.close();
    }
  }
}
