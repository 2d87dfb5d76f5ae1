package io.sandbeam.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.sandbeam.service.SandboxException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The one place where the server listens: its address, its connections and their threads. */
final class HttpListener {
  static final int MOST_THREADS = 200;
  private static final int MOST_CONNECTIONS = 4_000;
  private static final Duration RENEWED_WITHIN = Duration.ofSeconds(5);

  private final ServerSettings settings;
  private final QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
  private final HeadWatch heads;
  private Optional<CertificateRenewal> certificate = Optional.empty();
  private Javalin javalin;
  private ServerConnector connector;

  HttpListener(ServerSettings settings) {
    this.settings = settings;
    this.heads = new HeadWatch(settings.limits().idle(), System::nanoTime);
    threads.setName("sandbeam-http");
    threads.setDaemon(true);
  }

  /** The threads of the connections; they run while it listens. */
  Executor threads() {
    return threads;
  }

  /**
   * Listens from now on.
   *
   * @param log is told of each request that was answered
   * @throws SandboxException when it cannot; then it holds nothing
   */
  void start(Routes routes, RequestLog log, ScheduledExecutorService scheduler) {
    certificate = settings.tls().map(CertificateRenewal::new);
    javalin =
        Javalin.create(
            config -> {
              configure(config);
              config.requestLogger.http((context, ms) -> log.note(context));
              routes.register(config.routes);
            });
    try {
      javalin.start();
    } catch (RuntimeException e) {
      javalin.stop();
      throw cannotListen(e);
    }
    heads.every(settings.limits().slowGrace(), scheduler);
    certificate.ifPresent(shown -> shown.every(RENEWED_WITHIN, scheduler));
  }

  int port() {
    return connector.getLocalPort();
  }

  void stop() {
    javalin.stop();
  }

  private SandboxException cannotListen(RuntimeException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof SandboxException)) {
      cause = cause.getCause();
    }
    return cause instanceof SandboxException own
        ? own
        : new SandboxException(
            "Cannot listen on "
                + settings.host()
                + ":"
                + settings.port()
                + ": "
                + cause.getMessage()
                + "; another port, or 0 for a free one?",
            failure);
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.asyncTimeout = 0;
    config.http.maxRequestSize = settings.limits().body().bytes();
    config.jetty.threadPool = threads;
    config.jetty.addConnector(
        (server, http) -> {
          connector = connector(server, http);
          return connector;
        });
    config.jetty.modifyServer(
        server -> {
          server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
          server.setStopTimeout(0);
          server.setErrorHandler(new MalformedRequests());
        });
  }

  private ServerConnector connector(Server server, HttpConfiguration http) {
    long idle = settings.limits().idle().toMillis();
    http.setSendServerVersion(false);
    http.setIdleTimeout(idle);
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    ServerConnector made =
        certificate
            .map(
                shown -> {
                  // Clients check our name; we need not check the one they ask for.
                  http.addCustomizer(new SecureRequestCustomizer(false));
                  return new ServerConnector(
                      server, new SslConnectionFactory(shown.contextFactory(), "http/1.1"), plain);
                })
            .orElseGet(() -> new ServerConnector(server, plain));
    made.setHost(settings.host());
    made.setPort(settings.port());
    made.setIdleTimeout(idle);
    made.addBean(heads);
    return made;
  }
}
