package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.TestCertificate;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server speaks TLS with a certificate from PEM files. */
class TlsTest {
  @TempDir Path folder;
  private TestCertificate made;

  @BeforeEach
  void makeCertificate() throws Exception {
    made = TestCertificate.in(folder);
  }

  @Test
  void givenPemFiles_thenTheServerIsReachedByTlsOnly() throws Exception {
    try (TestServer server =
        TestServer.open(
            FaultySandboxService.inMemory(), b -> b.tls(made.certificate(), made.key()))) {
      assertThat(server.server.uri().getScheme(), is("https"));
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .sslContext(made.trusting())
              .build()
              .send(
                  HttpRequest.newBuilder(server.uri("/v1/sandboxes")).build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode(), is(200));
      assertThrows(
          IOException.class,
          () ->
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(server.uri("/v1/sandboxes")).build(),
                      HttpResponse.BodyHandlers.ofString()));
    }
  }

  @Test
  void givenFilesThatAreNoKeyOrCertificate_thenTheStartSaysWhichAndWhatToDo() throws Exception {
    Path old = TestCertificate.pem(folder, "RSA PRIVATE KEY", new byte[] {1});
    assertThat(refusal(made.certificate(), old), containsString("openssl pkcs8"));
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThat(refusal(empty, made.key()), containsString(empty.toString()));
    assertThat(refusal(folder.resolve("none"), made.key()), containsString("none"));
  }

  @Test
  void givenAKeyOfAnotherCertificate_thenTheServerDoesNotStart() throws Exception {
    TestCertificate other = TestCertificate.in(Files.createDirectory(folder.resolve("other")));

    String said = refusal(made.certificate(), other.key());

    assertThat(said, containsString("is not the key of"));
    assertThat(said, containsString(other.key().toString()));
  }

  private String refusal(Path chain, Path privateKey) {
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder builder =
          SandbeamServer.builder(service).bind("127.0.0.1", 0).tls(chain, privateKey);
      return assertThrows(SandboxException.class, builder::start).getMessage();
    }
  }
}
