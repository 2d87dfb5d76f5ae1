package io.sandbeam.server;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.awaitility.Awaitility.await;
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
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.util.ssl.SslContextFactory;
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
      assertThat(status(server, made), is(200));
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
  void givenARenewedCertificate_thenNewConnectionsSeeItWithoutARestart() throws Exception {
    try (TestServer server =
        TestServer.open(
            FaultySandboxService.inMemory(), b -> b.tls(made.certificate(), made.key()))) {
      assertThat(status(server, made), is(200));
      TestCertificate next = TestCertificate.in(Files.createDirectory(folder.resolve("next")));

      Files.copy(next.certificate(), made.certificate(), REPLACE_EXISTING);
      Files.copy(next.key(), made.key(), REPLACE_EXISTING);

      await().atMost(Duration.ofSeconds(30)).until(() -> status(server, next) == 200);
      assertThat(status(server, made), is(0));
    }
  }

  @Test
  void givenARenewalThatIsBroken_thenTheLastCertificateStays() throws Exception {
    TestCertificate next = TestCertificate.in(Files.createDirectory(folder.resolve("next")));
    CertificateRenewal renewal =
        new CertificateRenewal(new TlsFiles(made.certificate(), made.key()));
    SslContextFactory.Server factory = renewal.contextFactory();
    factory.start();
    KeyStore first = factory.getKeyStore();

    // Half of it: no pair.
    Files.copy(next.certificate(), made.certificate(), REPLACE_EXISTING);
    renewal.look();
    Files.delete(made.key());
    renewal.look();
    renewal.look();
    assertThat(factory.getKeyStore(), is(first));

    Files.copy(next.key(), made.key());
    renewal.look();
    assertThat(
        factory.getKeyStore().getCertificate("server"), is(next.store().getCertificate("server")));
    factory.stop();
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

  /** Of a new connection that trusts this one only; 0 when there is none. */
  private static int status(TestServer server, TestCertificate trusted) throws Exception {
    HttpClient client = HttpClient.newBuilder().sslContext(trusted.trusting()).build();
    try {
      return client
          .send(
              HttpRequest.newBuilder(server.uri("/v1/sandboxes")).build(),
              HttpResponse.BodyHandlers.ofString())
          .statusCode();
    } catch (SSLHandshakeException e) {
      return 0;
    }
  }

  private String refusal(Path chain, Path privateKey) {
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder builder =
          SandbeamServer.builder(service).bind("127.0.0.1", 0).tls(chain, privateKey);
      return assertThrows(SandboxException.class, builder::start).getMessage();
    }
  }
}
