package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.service.SandboxService;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A real server on a real socket over simulated sandboxes, with callers that have tokens. Its end
 * proves that nothing is left.
 */
final class TestServer implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final String CREATE =
      "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"python:3.11\"}], \"tags\": [\"batch-42\"]}}";

  final FaultySandboxService service;
  final SandbeamServer server;
  private final Map<String, String> tokens = new LinkedHashMap<>();
  private final HttpClient client = HttpClient.newHttpClient();

  /** What came back. */
  record Answer(int status, String body, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException("not JSON: " + body, e);
      }
    }

    String id() {
      return json().path("sandboxId").asText();
    }

    int code() {
      return json().path("code").asInt();
    }

    /** The reason of its error, or empty. */
    String reason() {
      for (JsonNode detail : json().path("details")) {
        if (detail.has("reason")) {
          return detail.get("reason").asText();
        }
      }
      return "";
    }

    /** The first field that was wrong, or empty. */
    String violation() {
      return json().path("details").findPath("fieldViolations").path(0).path("field").asText();
    }

    Answer expect(int wanted) {
      assertThat(body, status, is(wanted));
      return this;
    }
  }

  private TestServer(FaultySandboxService service, SandbeamServer server) {
    this.service = service;
    this.server = server;
  }

  /** Without tokens: one caller, who is admin. */
  static TestServer open() {
    return open(FaultySandboxService.inMemory(), builder -> builder);
  }

  static TestServer open(
      FaultySandboxService service, UnaryOperator<SandbeamServer.Builder> settings) {
    return open(service, service.client(), settings);
  }

  /**
   * @param face what the server knows of the service
   */
  static TestServer open(
      FaultySandboxService service,
      SandboxService face,
      UnaryOperator<SandbeamServer.Builder> settings) {
    return new TestServer(
        service, settings.apply(SandbeamServer.builder(face).bind("127.0.0.1", 0)).start());
  }

  /** With a token for each name; {@code root} is admin. */
  static TestServer withTokens(
      Path tokenFile, UnaryOperator<SandbeamServer.Builder> settings, String... names) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : names) {
      tokens.put(
          name, TokenFile.mint(tokenFile, name, name.equals("root") ? Role.ADMIN : Role.USER));
    }
    TestServer server =
        open(FaultySandboxService.inMemory(), b -> settings.apply(b.tokens(tokenFile)));
    server.tokens.putAll(tokens);
    return server;
  }

  String token(String name) {
    return tokens.get(name);
  }

  URI uri(String path) {
    return URI.create(server.uri() + path);
  }

  Answer get(String path) {
    return call("", "GET", path, null);
  }

  Answer post(String path, String body) {
    return call("", "POST", path, body);
  }

  Answer delete(String path) {
    return call("", "DELETE", path, null);
  }

  /** Calls as somebody; nobody when the name is empty. */
  Answer call(String name, String verb, String path, String body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (!name.isEmpty()) {
      request.header("Authorization", "Bearer " + tokens.getOrDefault(name, name));
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    return send(
        request.method(
            verb,
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body)));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
      return new Answer(response.statusCode(), response.body(), response);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Creates a sandbox as somebody, and tells its id. */
  String create(String name, String... tags) {
    String list = String.join("\",\"", tags);
    String body =
        "{\"spec\": {\"containers\": [{\"name\": \"main\", \"image\": \"python:3.11\"}], \"tags\": [\""
            + list
            + "\"]}}";
    return call(name, "POST", "/v1/sandboxes", body).expect(200).id();
  }

  @Override
  public void close() {
    server.close();
    assertThat("nothing is left", service.live(), is(empty()));
  }
}
