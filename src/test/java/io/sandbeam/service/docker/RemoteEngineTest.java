package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import io.sandbeam.testing.TestCertificate;
import io.sandbeam.testing.TestEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine on another machine: TLS both ways, found by the variables that Docker's command reads.
 */
class RemoteEngineTest {
  @TempDir private Path folder;
  private EngineProxy engine;

  @BeforeEach
  void serve() throws Exception {
    TestCertificate certificate = TestCertificate.in(folder);
    Files.copy(certificate.certificate(), folder.resolve("ca.pem"));
    Files.copy(certificate.certificate(), folder.resolve("cert.pem"));
    Files.copy(certificate.key(), folder.resolve("key.pem"));
    engine =
        new EngineProxy(
            TestEngine.DOCKER.address(), EngineProxy.Attached.ALL, mutual(certificate.store()));
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  /** Only clients with this certificate are let in. */
  private static ServerSocketFactory mutual(KeyStore store) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, "changeit".toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("client", store.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    ServerSocketFactory sockets = context.getServerSocketFactory();
    return new ServerSocketFactory() {
      @Override
      public ServerSocket createServerSocket(int port, int backlog, InetAddress address)
          throws IOException {
        SSLServerSocket socket =
            (SSLServerSocket) sockets.createServerSocket(port, backlog, address);
        socket.setNeedClientAuth(true);
        return socket;
      }

      @Override
      public ServerSocket createServerSocket(int port) {
        throw new UnsupportedOperationException();
      }

      @Override
      public ServerSocket createServerSocket(int port, int backlog) {
        throw new UnsupportedOperationException();
      }
    };
  }

  private SandboxService open(Map<String, String> environment) {
    ServiceConfig config =
        ServiceConfig.of("docker")
            .withSetting("image", TestEngine.BUSYBOX)
            .withSetting("pull", "never");
    return new DockerServiceProvider(environment).open(config);
  }

  @Test
  void givenTlsByEnvironment_thenCommandsRunThere() {
    Map<String, String> environment =
        Map.of(
            "DOCKER_HOST", engine.address().replaceFirst("docker:", ""),
            "DOCKER_TLS_VERIFY", "1",
            "DOCKER_CERT_PATH", folder.toString());
    SandboxSpec spec =
        SandboxSpec.builder()
            .tags(List.of(Tag.PRODUCT, Tag.of("remote-engine-test")))
            .maxLifetime(Duration.ofMinutes(5))
            .build();
    try (SandboxService service = open(environment)) {
      SandboxInfo info = DockerFixture.get(service.create(spec, RequestId.mint()));

      assertThat(
          DockerFixture.get(service.exec(info.id(), ExecRequest.of("echo", "far"))).stdoutUtf8(),
          is("far\n"));
    }
  }

  @Test
  void givenNoCertificate_thenNothingIsOpened() {
    Map<String, String> environment =
        Map.of("DOCKER_HOST", engine.address().replaceFirst("docker:", ""));

    SandboxException e = assertThrows(SandboxException.class, () -> open(environment).close());

    assertThat(e.getMessage(), e.getMessage().contains("tcp://127.0.0.1:"), is(true));
  }
}
