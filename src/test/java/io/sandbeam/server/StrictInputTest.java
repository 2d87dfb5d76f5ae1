package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import io.sandbeam.service.ByteSize;
import io.sandbeam.testing.FaultySandboxService;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What has not the published form is refused, with the field that is wrong, and does nothing. */
class StrictInputTest {
  private static final TestServer SERVER = TestServer.open();

  @AfterAll
  static void nothingIsLeft() {
    SERVER.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": []}} | sandbox.spec.containers",
        "POST | /v1/sandboxes | {} | sandbox.spec",
        "POST | /v1/sandboxes | {\"sandbox\": {}} | sandbox.sandbox",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\", \"cmd\": \"x\"}]}} | sandbox.spec.containers[0].cmd",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}], \"tags\": [\"a\", \"-\"]}} | sandbox.spec.tags[1]",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}], \"tags\": [\"a\", \"a\"]}} | sandbox.spec.tags",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}], \"tags\": [\"owner.root\"]}} | sandbox.spec.tags",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}], \"maxLifetimeSeconds\": 2592001}} | sandbox.spec.maxLifetimeSeconds",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\"}], \"maxLifetimeSeconds\": -1}} | sandbox.spec.maxLifetimeSeconds",
        "POST | /v1/sandboxes | {\"spec\": {\"containers\": [{\"name\": \"m\", \"image\": \"a\", \"resources\": {\"cpu\": \"1\"}, \"resourceRequirements\": {\"limits\": {\"memory\": \"1Gi\"}}}]}} | sandbox.spec.containers[0].resourceRequirements",
        "POST | /v1/sandboxes | {\"spec\": {\"mode\": \"SANDBOX_MODE_MAGIC\"}} | sandbox.spec.mode",
        "POST | /v1/sandboxes | [] | sandbox",
        "POST | /v1/sandboxes?requestid=a | {\"spec\": {}} | requestid",
        "POST | /v1/sandboxes?requestId=a&requestId=b | {\"spec\": {}} | requestId",
        "GET | /v1/sandboxes?tags=a,b | | tags[0]",
        "GET | /v1/sandboxes?pageSize=-1 | | pageSize",
        "GET | /v1/sandboxes?pageSize=many | | pageSize",
        "GET | /v1/sandboxes?pageToken=nonsense | | pageToken",
        "GET | /v1/sandboxes?pageToken=%7B%7D | | pageToken",
        "GET | /v1/sandboxes?pageToken=1 | | pageToken",
        "GET | /v1/sandboxes?pageSize=1e1 | | pageSize",
        "GET | /v1/sandboxes?tags=%C3 | | query",
        "GET | /v1/sandboxes/a:readFile?path=/%FF | | query",
        "GET | /v1/sandboxes?pageSize=1& | | ``",
        "GET | /v1/sandboxes?state=RUNNING | | state",
        "GET | /v1/sandboxes?showTerminated=yes | | showTerminated",
        "GET | /v1/sandboxes?order=asc | | order",
        "GET | /v1/sandboxes/a%2Fb | | sandboxId",
        "GET | /v1/sandboxes/-a | | sandboxId",
        "GET | /v1/sandboxes/%0A | | sandboxId",
        "DELETE | /v1/sandboxes/a?gracePeriodSeconds=-1 | | gracePeriodSeconds",
        "DELETE | /v1/sandboxes/a?snapshotVolumes=other | | snapshotVolumes",
        "POST | /v1/sandboxes/a:exec | {\"command\": []} | command",
        "POST | /v1/sandboxes/a:exec | {\"command\": [\"a\"], \"cwd\": \"/\"} | cwd",
        "POST | /v1/sandboxes/a:exec | {\"command\": \"a\"} | command",
        "POST | /v1/sandboxes/a:exec | {\"command\": [\"a\"], \"sandboxId\": \"b\"} | sandboxId",
        "POST | /v1/sandboxes/a:exec | {\"command\": [\"a\"], \"maxOutputBytes\": -1} | maxOutputBytes",
        "POST | /v1/sandboxes/a:exec | {\"command\": [\"a\"], \"env\": {\"1\": \"b\"}} | env",
        "POST | /v1/sandboxes/a:exec?command=a | {\"command\": [\"a\"]} | command",
        "POST | /v1/sandboxes/a:writeFile | {\"path\": \"a\"} | path",
        "POST | /v1/sandboxes/a:writeFile | {\"path\": \"/a\", \"content\": \"*\"} | content",
        "GET | /v1/sandboxes/a:readFile | | path",
        "GET | /v1/sandboxes?tags= | | tags",
        "GET | /v1/sandboxes?tags=a&tags | | tags",
        "DELETE | /v1/sandboxes/a?snapshotVolumes= | | snapshotVolumes",
        "POST | /v1/sandboxes:purge | {\"tags\": [\"*\"]} | tags[0]",
        "GET | /v1/fileSystemSnapshots?pageSize=x | | pageSize",
        "POST | /v1/sandboxes/a:snapshot | {\"scratchVolumeName\": \"v\"} | scratchVolumeName"
      })
  void givenAWrongField_thenInvalidArgumentNamesIt(
      String verb, String path, String body, String field) {
    TestServer.Answer answer = SERVER.call("", verb, path, body).expect(400);
    assertThat(answer.body(), answer.code(), is(3));
    assertThat(answer.body(), answer.violation(), is(field));
    assertThat(
        answer.response().headers().firstValue("Content-Type").orElse(""),
        startsWith("application/json"));
    assertThat(SERVER.service.live(), is(empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json;charset=latin-1",
    "multipart/form-data"
  })
  void givenAnotherContentType_thenInvalidArgument(String type) {
    TestServer.Answer answer =
        SERVER
            .send(
                HttpRequest.newBuilder(SERVER.uri("/v1/sandboxes"))
                    .header("Content-Type", type)
                    .POST(HttpRequest.BodyPublishers.ofString(TestServer.CREATE)))
            .expect(400);
    assertThat(answer.violation(), is("Content-Type"));
  }

  @Test
  void givenNoContentType_thenInvalidArgument() {
    TestServer.Answer answer =
        SERVER
            .send(
                HttpRequest.newBuilder(SERVER.uri("/v1/sandboxes"))
                    .POST(HttpRequest.BodyPublishers.ofString(TestServer.CREATE)))
            .expect(400);
    assertThat(answer.violation(), is("Content-Type"));
  }

  @Test
  void givenACompressedBody_thenInvalidArgumentSaysSo() {
    TestServer.Answer answer =
        SERVER
            .send(
                HttpRequest.newBuilder(SERVER.uri("/v1/sandboxes"))
                    .header("Content-Type", "application/json")
                    .header("Content-Encoding", "gzip")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {31, -117, 8})))
            .expect(400);
    assertThat(answer.body(), answer.violation(), is("Content-Encoding"));
  }

  @Test
  void givenAByteOrderMark_thenInvalidArgumentSaysSo() {
    TestServer.Answer answer =
        SERVER.post("/v1/sandboxes", "\uFEFF" + TestServer.CREATE).expect(400);
    assertThat(answer.body(), containsString("byte order mark"));
  }

  @Test
  void givenABodyWhereNoneBelongs_thenInvalidArgument() {
    assertThat(SERVER.call("", "GET", "/v1/sandboxes", "{}").expect(400).violation(), is("body"));
    assertThat(
        SERVER.call("", "DELETE", "/v1/sandboxes/a", "{}").expect(400).violation(), is("body"));
  }

  @Test
  void givenNoJson_thenInvalidArgumentSaysWhere() {
    TestServer.Answer answer = SERVER.post("/v1/sandboxes:purge", "{\"tags\": [\"a\"").expect(400);
    assertThat(answer.body(), containsString("line 1"));
    SERVER.post("/v1/sandboxes:purge", "").expect(400);
    SERVER.post("/v1/sandboxes:purge", "{\"purgeAll\": true} x").expect(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/sandbox, 404",
    "GET, /v1, 404",
    "GET, /v1/sandboxes/a:fly, 404",
    "GET, /v1/sandboxes/, 404",
    "GET, /favicon.ico, 404",
    "PUT, /v1/sandboxes/a, 405",
    "PATCH, /v1/sandboxes/a, 405",
    "POST, /v1/sandboxes/a, 405",
    "GET, /v1/sandboxes:purge, 405",
    "GET, /v1/sandboxes/a:exec, 405",
    "OPTIONS, /v1/sandboxes, 405",
    "HEAD, /v1/sandboxes:purge, 405",
    "TRACE, /v1/sandboxes/a, 405",
    "BREW, /v1/sandboxes, 405",
    "BREW, /v1/none, 404",
    "POST, /healthz, 404",
    "POST, /v1/sandboxes/a:connect, 501"
  })
  void givenAnotherPathOrVerb_thenAStatusSaysSo(String verb, String path, int status) {
    TestServer.Answer answer = SERVER.call("", verb, path, null).expect(status);
    if (!verb.equals("HEAD")) {
      assertThat(answer.body(), answer.code(), is(status == 404 ? 5 : 12));
    }
    assertThat(answer.response().headers().firstValue("Allow").isPresent(), is(status == 405));
  }

  @ParameterizedTest
  @CsvSource({"/v1/sandboxes/%00", "/v1/sandboxes/%zz", "/v1/sandboxes?tags=%zz", "/v1/../etc"})
  void givenWhatIsHardlyHttp_thenTheAnswerIsAStatusAllTheSame(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.server.port())) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer, startsWith("HTTP/1.1 40"));
      assertThat(answer, containsString("{\"code\":"));
      assertThat(answer, not(containsString("<html>")));
    }
  }

  @Test
  void givenABodyAboveTheLimit_thenInvalidArgumentWhetherItsSizeIsAnnouncedOrNot() {
    try (TestServer small =
        TestServer.open(
            FaultySandboxService.inMemory(),
            b -> b.limits(Limits.DEFAULT.withBody(ByteSize.ofKibibytes(64))))) {
      String path = "/v1/sandboxes/a:writeFile";
      String large = "{\"path\": \"/a\", \"content\": \"" + "A".repeat(70_000) + "\"}";
      assertThat(small.post(path, large).expect(400).violation(), is("body"));
      TestServer.Answer chunked =
          small.send(
              HttpRequest.newBuilder(small.uri(path))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8)))));
      assertThat(chunked.expect(400).violation(), is("body"));
    }
  }

  @Test
  void givenABodyFarAboveTheLimit_thenTheClientReadsTheReasonAndNotThatItsConnectionWasReset() {
    try (TestServer small =
        TestServer.open(
            FaultySandboxService.inMemory(),
            b -> b.limits(Limits.DEFAULT.withBody(ByteSize.ofKibibytes(64))))) {
      String large = "{\"path\": \"/a\", \"content\": \"" + "A".repeat(7 << 20) + "\"}";
      for (int i = 0; i < 20; i++) {
        assertThat(
            small.post("/v1/sandboxes/a:writeFile", large).expect(400).violation(), is("body"));
      }
    }
  }

  @Test
  void givenACommandAboveWhatAnyKernelTakes_thenItIsRefusedBeforeItTakesMemory() {
    String words = "{\"command\": [\"" + "a".repeat(4 << 20) + "\"]}";
    assertThat(SERVER.post("/v1/sandboxes/a:exec", words).expect(400).violation(), is("body"));
    String many = "{\"command\": [\"a\"" + ",\"a\"".repeat(100_000) + "]}";
    assertThat(SERVER.post("/v1/sandboxes/a:exec", many).expect(400).violation(), is("command"));
  }

  @Test
  void givenASpecWithoutEnd_thenItIsRefusedBecauseTheServerWouldRememberIt() {
    String note = "\"annotations\": {\"note\": \"" + "n".repeat(5 << 20) + "\"}, \"tags\"";
    assertThat(
        SERVER
            .post("/v1/sandboxes", TestServer.CREATE.replace("\"tags\"", note))
            .expect(400)
            .violation(),
        is("sandbox.spec"));
  }

  @Test
  void givenAFileOfTheLargestSize_thenItIsWrittenAndOneByteMoreIsNot() {
    int size = 32 * 1024 * 1024;
    try (TestServer server = TestServer.open()) {
      String path = "/v1/sandboxes/" + server.create("", "large");
      server.post(path + ":writeFile", write(size)).expect(200);
      String read = server.get(path + ":readFile?path=/a").expect(200).body();
      assertThat(read, is("{\"content\":\"" + base64(size) + "\"}"));
      assertThat(
          server.post(path + ":writeFile", write(size + 1)).reason(),
          is("CWSANDBOX_FILE_TOO_LARGE"));
    }
  }

  private static String write(int size) {
    return "{\"path\": \"/a\", \"content\": \"" + base64(size) + "\"}";
  }

  private static String base64(int size) {
    return Base64.getEncoder().encodeToString(new byte[size]);
  }
}
