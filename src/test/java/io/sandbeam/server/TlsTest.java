package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.SandboxException;
import io.sandbeam.testing.FaultySandboxService;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server speaks TLS with a certificate from PEM files. */
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  @TempDir Path folder;
  private KeyStore made;
  private Path certificate;
  private Path key;

  @BeforeEach
  void makeCertificate() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    assertThat(
        new String(
            keytool.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8),
        keytool.waitFor(),
        is(0));
    made = KeyStore.getInstance(store.toFile(), PASSWORD);
    certificate = pem("CERTIFICATE", made.getCertificate("server").getEncoded());
    key = pem("PRIVATE KEY", made.getKey("server", PASSWORD).getEncoded());
  }

  @Test
  void givenPemFiles_thenTheServerIsReachedByTlsOnly() throws Exception {
    try (TestServer server =
        TestServer.open(FaultySandboxService.inMemory(), b -> b.tls(certificate, key))) {
      assertThat(server.server.uri().getScheme(), is("https"));
      HttpResponse<String> answer =
          trusting()
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
    Path old = pem("RSA PRIVATE KEY", new byte[] {1});
    assertThat(refusal(certificate, old), containsString("openssl pkcs8"));
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThat(refusal(empty, key), containsString(empty.toString()));
    assertThat(refusal(folder.resolve("none"), key), containsString("none"));
  }

  private String refusal(Path chain, Path privateKey) {
    try (FaultySandboxService service = FaultySandboxService.inMemory()) {
      SandbeamServer.Builder builder =
          SandbeamServer.builder(service).bind("127.0.0.1", 0).tls(chain, privateKey);
      return assertThrows(SandboxException.class, builder::start).getMessage();
    }
  }

  private HttpClient trusting() throws Exception {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("server", made.getCertificate("server"));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return HttpClient.newBuilder().sslContext(context).build();
  }

  private Path pem(String kind, byte[] content) throws IOException {
    String text =
        "-----BEGIN "
            + kind
            + "-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .encodeToString(content)
            + "\n-----END "
            + kind
            + "-----\n";
    return Files.writeString(folder.resolve(kind.replace(' ', '-') + ".pem"), text);
  }
}
