package io.sandbeam.service.http;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.Effect;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.FaultySandboxService;
import io.sandbeam.testing.TestCertificate;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client over TLS: whom it trusts, and HTTP/2 where that is offered. */
class HttpTlsTest {
  @TempDir Path folder;
  private TestCertificate certificate;

  @BeforeEach
  void makeCertificate() throws Exception {
    certificate = TestCertificate.in(folder);
  }

  @Test
  void givenAServerOfOurCertificateAuthority_whenCaFileNamesIt_thenSandboxesRunThere() {
    FaultySandboxService behind = FaultySandboxService.inMemory();
    try (SandbeamServer server =
            SandbeamServer.builder(behind)
                .bind("127.0.0.1", 0)
                .tls(certificate.certificate(), certificate.key())
                .start();
        SandboxService client =
            client(server.uri().toString(), "caFile", certificate.certificate().toString())) {
      try (Sandbox sandbox =
          Sandbox.run(client, SandboxDefaults.builder().tags("tls-test").build())) {
        assertThat(sandbox.exec("true").join().succeeded(), is(true));
      }
      assertThat(behind.live(), is(List.of()));
    }
  }

  @Test
  void givenACertificateThatNobodyTrusts_thenTheErrorNamesTheSettingAndNothingIsRepeated() {
    try (FaultySandboxService behind = FaultySandboxService.inMemory();
        SandbeamServer server =
            SandbeamServer.builder(behind)
                .bind("127.0.0.1", 0)
                .tls(certificate.certificate(), certificate.key())
                .start();
        SandboxService client = client(server.uri().toString())) {
      CompletionException failed =
          assertThrows(
              CompletionException.class,
              () -> client.list(ListRequest.tagged(Tag.setOf("tls-test"))).join());
      assertThat(failed.getCause(), is(instanceOf(SandboxException.class)));
      assertThat(failed.getCause() instanceof SandboxUnavailableException, is(false));
      assertThat(failed.getCause().getMessage(), containsString("caFile"));
    }
  }

  @Test
  void givenAServerThatBreaksOffInTheMidstOfTheHandshake_thenItIsAskedAgainAndCertainlyDidNothing()
      throws Exception {
    try (BreakingOff server = new BreakingOff();
        SandboxService client =
            client("https://127.0.0.1:" + server.port(), "retryBudget", "1500ms")) {
      CompletionException failed =
          assertThrows(
              CompletionException.class,
              () -> client.exec("sandbox-1", ExecRequest.of("true")).join());

      assertThat(failed.getCause(), is(instanceOf(SandboxUnavailableException.class)));
      assertThat(((SandboxException) failed.getCause()).effect(), is(Effect.NONE));
      assertThat(server.accepted(), is(greaterThan(1)));
    }
  }

  @Test
  void givenAPortThatSpeaksNoTls_thenTheErrorSaysSoAndNothingIsRepeated() {
    try (FaultySandboxService behind = FaultySandboxService.inMemory();
        SandbeamServer server = SandbeamServer.builder(behind).bind("127.0.0.1", 0).start();
        SandboxService client = client("https://127.0.0.1:" + server.port())) {
      CompletionException failed =
          assertThrows(
              CompletionException.class,
              () -> client.list(ListRequest.tagged(Tag.setOf("tls-test"))).join());

      assertThat(failed.getCause().getMessage(), containsString("--service=http://"));
      assertThat(failed.getCause() instanceof SandboxUnavailableException, is(false));
    }
  }

  @Test
  void givenAPortThatSpeaksTls_whenCalledInClear_thenTheErrorSaysSoAndNothingIsRepeated() {
    Throwable failed = failure(certificate, uri -> "http://127.0.0.1:" + uri.getPort());

    assertThat(failed.getMessage(), containsString("--service=https://"));
    assertThat(failed instanceof SandboxUnavailableException, is(false));
  }

  @Test
  void givenACertificateForAnotherName_thenTheErrorSaysSoAndNotToTrustIt() throws Exception {
    TestCertificate other =
        TestCertificate.in(Files.createDirectory(folder.resolve("o")), "SAN=dns:other.example");

    String said = failure(other, URI::toString).getMessage();

    assertThat(said, containsString("other.example"));
    assertThat(said, containsString("for another name"));
    assertThat(said, not(containsString("caFile")));
    assertThat(said, not(containsString("\n")));
  }

  @Test
  void givenACertificateOfThePast_thenTheErrorSaysToRenewIt() {
    SSLHandshakeException failure = new SSLHandshakeException("PKIX path validation failed");
    failure.initCause(
        new CertPathValidatorException(
            "validity check failed", new CertificateExpiredException("NotAfter: yesterday")));

    assertThat(Handshake.remedy(failure).orElseThrow(), containsString("renew"));
  }

  /** Of a client that trusts the certificate, and calls the server by some address. */
  private Throwable failure(TestCertificate shown, Function<URI, String> address) {
    try (FaultySandboxService behind = FaultySandboxService.inMemory();
        SandbeamServer server =
            SandbeamServer.builder(behind)
                .bind("127.0.0.1", 0)
                .tls(shown.certificate(), shown.key())
                .start();
        SandboxService client =
            client(
                address.apply(server.uri()),
                "caFile",
                shown.certificate().toString(),
                "retryBudget",
                "1500ms")) {
      return assertThrows(
              CompletionException.class,
              () -> client.list(ListRequest.tagged(Tag.setOf("tls-test"))).join())
          .getCause();
    }
  }

  @Test
  void givenACaFileThatHoldsNoCertificate_thenOpeningSaysWhichFile() throws Exception {
    Path garbage = Files.writeString(folder.resolve("garbage.pem"), "no certificate");
    SandboxException refused =
        assertThrows(
            SandboxException.class,
            () -> client("https://127.0.0.1:1", "caFile", garbage.toString()));
    assertThat(refused.getMessage(), containsString(garbage.toString()));
  }

  @Test
  void givenAServerThatOffersHttp2_thenManyCommandsInFlightShareOneConnection() throws Exception {
    try (MockWebServer server = new MockWebServer()) {
      server.useHttps(certificate.serving().getSocketFactory());
      server.setDispatcher(
          new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
              return ForeignServer.json(200, "{}".getBytes(StandardCharsets.UTF_8))
                  .newBuilder()
                  .headersDelay(100, MILLISECONDS)
                  .build();
            }
          });
      server.start();
      try (SandboxService client =
          client(
              "https://127.0.0.1:" + server.getPort(),
              "caFile",
              certificate.certificate().toString())) {
        run(client, 1);
        List<ExecResult> results = run(client, 200);

        assertThat(results.stream().filter(ExecResult::succeeded).toList(), hasSize(200));
      }
      List<String> seen = new ArrayList<>();
      List<Integer> connections = new ArrayList<>();
      for (int i = 0; i < server.getRequestCount(); i++) {
        RecordedRequest request = server.takeRequest();
        seen.add(request.getVersion());
        connections.add(request.getConnectionIndex());
      }
      assertThat(seen, everyItem(is("HTTP/2")));
      assertThat(connections.stream().distinct().toList(), hasSize(1));
    }
  }

  private static List<ExecResult> run(SandboxService client, int count) {
    List<CompletableFuture<ExecResult>> calls =
        IntStream.range(0, count)
            .mapToObj(i -> client.exec("sandbox-1", ExecRequest.of("true")))
            .toList();
    return calls.stream().map(CompletableFuture::join).toList();
  }

  private static SandboxService client(String url, String... settings) {
    ServiceConfig config = ServiceConfig.of(url);
    for (int i = 0; i < settings.length; i += 2) {
      config = config.withSetting(settings[i], settings[i + 1]);
    }
    return new HttpServiceProvider(Map.of()).open(config);
  }
}
