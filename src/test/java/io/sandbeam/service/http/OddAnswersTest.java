package io.sandbeam.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.DeleteRequest;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of servers that keep the contract in their own way, or not quite. */
class OddAnswersTest {
  private static final SandboxSpec SPEC = SandboxSpec.builder().image("host").tags("odd").build();

  private final MockWebServer server = new MockWebServer();
  private SandboxService client;

  @BeforeEach
  void open() throws IOException {
    server.start();
    client =
        new HttpServiceProvider(Map.of())
            .open(
                ServiceConfig.of("http://127.0.0.1:" + server.getPort())
                    .withSetting("retryBudget", "1ms"));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"createTime\": \"2026-11-27T05:00:00\"",
        "\"createTime\": 1796000000",
        "\"createTime\": {\"seconds\": \"1796000000\"}",
        "\"containerStatuses\": [null]",
        "\"services\": {\"web\": {}}",
        "\"effectiveEgress\": [{\"any\": true, \"cidr\": {\"cidr\": \"0.0.0.0/0\"}}]",
        "\"exitCode\": \"none\""
      })
  void givenADescriptionInOtherWords_thenTheSandboxIsKnownAndListedAllTheSame(String field) {
    String sandbox =
        "{\"sandboxId\": \"sb-1\", \"status\": {" + field + ", \"state\": \"STATE_RUNNING\"}}";
    answer(200, "application/json", sandbox);
    answer(200, "application/json", "{\"sandboxes\": [" + sandbox + "]}");

    assertThat(client.create(SPEC, RequestId.mint()).join().id(), is("sb-1"));
    SandboxInfo listed = client.list(odd()).join().sandboxes().get(0);
    assertThat(listed.id(), is("sb-1"));
    assertThat(listed.state(), is(SandboxState.RUNNING));
  }

  @Test
  void givenNoContentType_thenTheContentTells() {
    answer(200, "", "{\"sandboxes\": [{\"sandboxId\": \"sb-1\"}]}");
    answer(200, "", "<html>hello</html>");

    assertThat(client.list(odd()).join().sandboxes().get(0).id(), is("sb-1"));
    assertThat(
        failure(client.exec("sb-1", ExecRequest.of("true"))).getMessage(),
        containsString("not JSON"));
  }

  @Test
  void givenAByteOrderMark_thenItIsNoPartOfTheAnswer() {
    answer(200, "application/json", "\uFEFF{\"content\": \"aGVsbG8K\"}");

    assertThat(new String(client.readFile("sb-1", "/a").join(), UTF_8), is("hello\n"));
  }

  @ParameterizedTest
  @CsvSource({"204, ''", "200, application/json"})
  void givenNothingButThatItWasDone_thenTheDeletedOneIsNotGoneYet(int status, String type) {
    answer(status, type, "");
    answer(status, type, "");

    SandboxInfo deleted =
        client
            .delete(DeleteRequest.of("sb-1").withMissingOk(MissingOk.YES))
            .join()
            .sandbox()
            .orElseThrow();
    assertThat(deleted.id(), is("sb-1"));
    assertThat(deleted.state(), is(SandboxState.TERMINATING));
    client.writeFile("sb-1", "/a", new byte[] {1}).join();
  }

  @Test
  void givenNothingForACommand_thenItHasNotSucceeded() {
    answer(204, "", "");

    SandboxException failed = failure(client.exec("sb-1", ExecRequest.of("true")));
    assertThat(failed.effect(), is(Effect.UNKNOWN));
    assertThat(server.getRequestCount(), is(1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\": \"image graders is not allowed\"}",
        "{\"detail\": [{\"msg\": \"image graders is not allowed\"}]}",
        "{\"error\": {\"status\": \"INVALID_ARGUMENT\", \"message\": \"image graders is not allowed\"}}"
      })
  void givenAnErrorInOtherWords_thenTheyAreTold(String body) {
    answer(422, "application/json", body);

    SandboxException failed = failure(client.create(SPEC, RequestId.mint()));
    assertThat(failed.getMessage(), containsString("image graders is not allowed"));
  }

  @Test
  void givenTheNameOfACodeBesideAnHttpStatus_thenTheNameCounts() {
    answer(
        400,
        "application/json",
        "{\"error\": {\"code\": 400, \"message\": \"ended\", \"status\": \"CANCELLED\"}}");

    assertThat(
        failure(client.exec("sb-1", ExecRequest.of("true"))),
        is(instanceOf(SandboxNotRunningException.class)));
  }

  private void answer(int status, String type, String body) {
    MockResponse.Builder answer = new MockResponse.Builder().code(status);
    if (!body.isEmpty()) {
      answer.body(body);
    }
    if (!type.isEmpty()) {
      answer.setHeader("Content-Type", type);
    }
    server.enqueue(answer.build());
  }

  private static ListRequest odd() {
    return ListRequest.tagged(Tag.setOf("odd"));
  }

  private static SandboxException failure(CompletableFuture<?> call) {
    return (SandboxException) assertThrows(CompletionException.class, call::join).getCause();
  }
}
