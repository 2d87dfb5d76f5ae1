package io.sandbeam.service.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.sandbeam.service.Effect;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/** How a container ends, as its engine tells it. */
final class ContainerEnd {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Docker's and Podman's words for the last thing that happens to a container. */
  private static final Set<String> LAST = Set.of("destroy", "remove");

  private final Engine engine;
  private final String name;

  ContainerEnd(Engine engine, String name) {
    this.engine = engine;
    this.name = name;
  }

  /**
   * Waits until a container that ends is gone, and says with which code it ended, when that could
   * be seen. Fails when that takes longer than the engine may think about an answer, and when the
   * engine could not remove it: then it is still there.
   */
  OptionalInt awaitRemoval() {
    return engine.call(
        "wait for the end of container " + name,
        Effect.NONE,
        () -> {
          try (Response response = execute(Request.Method.POST, removed())) {
            return code(response);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private String removed() {
    return "/containers/" + name + "/wait?condition=removed";
  }

  private static OptionalInt code(Response response) throws IOException {
    int status = response.getStatusCode();
    if (status == 404) {
      return OptionalInt.empty();
    }
    byte[] body = response.getBody().readNBytes(1 << 20);
    String said = new String(body, StandardCharsets.UTF_8);
    if (status == 500 && said.contains("no such container")) {
      return OptionalInt.empty();
    }
    JsonNode answer = status == 200 ? JSON.readTree(body) : JSON.missingNode();
    if (!answer.path("StatusCode").isInt()
        || !answer.path("Error").path("Message").asText().isEmpty()) {
      throw new IllegalStateException(said);
    }
    return OptionalInt.of(answer.path("StatusCode").asInt());
  }

  /**
   * What happened to it, in the engine's words; without what the engine has forgotten. To be asked
   * when it is gone.
   */
  Set<String> events(Instant since, Instant until) {
    String path =
        "/events?since="
            + since.getEpochSecond()
            + "&until="
            + until.getEpochSecond()
            + "&filters="
            + URLEncoder.encode("{\"container\":[\"" + name + "\"]}", StandardCharsets.UTF_8);
    return engine.call(
        "say what happened to container " + name,
        Effect.NONE,
        () -> {
          try (Response response = execute(Request.Method.GET, path)) {
            return actions(response);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static Set<String> actions(Response response) throws IOException {
    Set<String> actions = new HashSet<>();
    MappingIterator<JsonNode> events =
        JSON.readerFor(JsonNode.class).readValues(response.getBody());
    while (events.hasNextValue()) {
      String action = events.nextValue().path("Action").asText();
      actions.add(action);
      if (LAST.contains(action)) {
        break;
      }
    }
    return actions;
  }

  private Response execute(Request.Method method, String path) {
    return engine.execute(Request.builder().method(method).path(path).build());
  }
}
