package io.sandbeam.server;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.http.wire.RpcStatus;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a {@link SandboxService} as the Sandbox v1 API over HTTP/JSON, with a page for people.
 *
 * <p>Callers are known by tokens ({@link TokenFile}), and each sees and ends its own sandboxes
 * only. A server without a token file takes every caller of its machine for one admin, and
 * therefore listens on a loopback address only. With a state folder it knows its sandboxes and
 * their records again after a restart, also after {@code kill -9}.
 *
 * <p>The server owns the service from {@link Builder#start} on: {@link #close} ends every sandbox
 * created through it, and the service with it. Thread-safe.
 *
 * <pre>{@code
 * try (SandbeamServer server = SandbeamServer.builder(SandboxServices.open("local")).start()) {
 *   … server.uri() …
 * }
 * }</pre>
 */
public final class SandbeamServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SandbeamServer.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);
  private static final Duration FIRST_LOOK = Duration.ofSeconds(10);
  private static final Duration ENDING = Duration.ofSeconds(30);
  private static final Duration SLOW_GRACE = Duration.ofSeconds(10);
  private static final int MOST_THREADS = 200;
  private static final int MOST_CONNECTIONS = 4_000;

  private final Settings settings;
  private final Ledger ledger;
  private final ServiceWatch watch;
  private final Metrics metrics = new Metrics();
  private final InFlight inFlight = new InFlight();
  private final MemoryBudget memory = new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
  private final ScheduledExecutorService scheduler;
  private final QueuedThreadPool threads;
  private final AccessLog accessLog;
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Javalin javalin;
  private ServerConnector connector;

  private record Settings(
      SandboxService service,
      String host,
      int port,
      Optional<Path> tokens,
      Optional<TlsFiles> tls,
      Optional<Path> state,
      Optional<Path> accessLog,
      Limits limits,
      Clock clock) {}

  private SandbeamServer(Settings settings) {
    this.settings = settings;
    Limits limits = settings.limits();
    Authenticator authenticator =
        settings
            .tokens()
            .map(file -> Authenticator.of(file, settings.clock()))
            .orElseGet(Authenticator::none);
    requireLoopback(authenticator.open(), settings.host());
    this.ledger =
        settings
            .state()
            .map(folder -> Ledger.over(Journal.open(folder), settings.clock()))
            .orElseGet(() -> Ledger.inMemory(settings.clock()));
    this.accessLog = settings.accessLog().map(AccessLog::to).orElseGet(AccessLog::toLogger);
    this.watch = new ServiceWatch(settings.service(), ledger, settings.clock(), limits.retention());
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "sandbeam-server-watch");
              thread.setDaemon(true);
              return thread;
            });
    this.threads = new QueuedThreadPool(MOST_THREADS);
    threads.setName("sandbeam-http");
    threads.setDaemon(true);
    Gate gate =
        new Gate(
            authenticator,
            new RateLimit(limits.requestsPerSecond(), limits.burst(), System::nanoTime));
    gauges();
    this.javalin = Javalin.create(config -> configure(config, gate));
  }

  /** Starts to describe a server of this service. */
  public static Builder builder(SandboxService service) {
    return new Builder(service);
  }

  /** Where it listens: {@code http://127.0.0.1:8080}. */
  public URI uri() {
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    return URI.create((settings.tls().isPresent() ? "https://" : "http://") + host + ":" + port());
  }

  /** The port it listens on. */
  public int port() {
    return connector.getLocalPort();
  }

  /**
   * Stops: creates nothing more, waits for what is under way as long as {@link Limits#drain}
   * allows, ends every sandbox that was created through it, and closes the service. Idempotent.
   *
   * @throws SandboxException when sandboxes are left that could not be ended; the message names
   *     them
   */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    draining.set(true);
    List<String> left = List.of();
    try {
      if (!inFlight.awaitNone(settings.limits().drain())) {
        LOG.warn("{} requests were still under way at the end of the drain", inFlight.count());
      }
      left = new Shutdown(settings.service(), ledger, watch, scheduler).endAll(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("Interrupted while stopping: not waiting for anything", e);
    } finally {
      release();
    }
    if (!left.isEmpty()) {
      throw new SandboxException(
          "The server stopped and these sandboxes are left: "
              + String.join(", ", left)
              + ". Their lifetimes end them; or delete them in the service itself");
    }
  }

  private void release() {
    javalin.stop();
    scheduler.shutdownNow();
    try {
      settings.service().close();
    } finally {
      ledger.close();
      accessLog.close();
    }
  }

  private SandbeamServer start() {
    try {
      watch.look().get(FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("Interrupted while starting", e);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The service does not answer yet; starting all the same", e);
    }
    listen();
    watch.every(LOOK_EVERY, scheduler);
    String who =
        settings.tokens().isPresent()
            ? "callers need a token of " + settings.tokens().get()
            : "no token file, so it listens on loopback only, and every user of this machine may use it";
    LOG.info("Serving {} at {}: {}", settings.service().describe().name(), uri(), who);
    if (settings.tls().isEmpty() && !isLoopback(settings.host())) {
      LOG.warn("Tokens travel unencrypted: give it a certificate, or put a TLS proxy before it");
    }
    return this;
  }

  private void listen() {
    try {
      javalin.start();
    } catch (RuntimeException e) {
      javalin.stop();
      scheduler.shutdownNow();
      ledger.close();
      accessLog.close();
      Throwable cause = e;
      while (cause.getCause() != null && !(cause instanceof SandboxException)) {
        cause = cause.getCause();
      }
      throw new SandboxException(
          "Cannot listen on " + settings.host() + ":" + settings.port() + ": " + cause.getMessage(),
          e);
    }
  }

  private void configure(JavalinConfig config, Gate gate) {
    Limits limits = settings.limits();
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.asyncTimeout = 0;
    config.http.maxRequestSize = limits.body().bytes();
    config.jetty.threadPool = threads;
    config.jetty.addConnector(
        (server, http) -> {
          connector =
              HttpListener.on(
                  server, http, settings.host(), settings.port(), settings.tls(), limits.idle());
          return connector;
        });
    config.jetty.modifyServer(
        server -> {
          server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
          server.setStopTimeout(0);
          server.setErrorHandler(new MalformedRequests());
        });
    config.requestLogger.http((context, ms) -> log(context));
    MinimumRate rate = new MinimumRate(SLOW_GRACE, limits.bytesPerSecond(), System::nanoTime);
    ResponseWriter writer = new ResponseWriter(rate);
    routes(config, gate, new RequestReader(limits.body().bytes(), rate, memory), writer);
  }

  private void routes(
      JavalinConfig config, Gate gate, RequestReader reader, ResponseWriter writer) {
    ListCall list = new ListCall(settings.service(), ledger);
    ApiHandler api = new ApiHandler(gate, reader, calls(list), writer, inFlight, threads);
    Page page =
        new Page(
            gate, list, ledger, settings.service().describe(), writer, settings.clock(), threads);
    String openApi = OpenApi.document(version());
    config.routes.get("/", context -> Page.file(context, "page.html", "text/html; charset=utf-8"));
    config.routes.get("/page.js", context -> Page.file(context, "page.js", "text/javascript"));
    config.routes.get("/page.css", context -> Page.file(context, "page.css", "text/css"));
    config.routes.get("/page/sandboxes", page::rows);
    config.routes.get("/healthz", this::health);
    config.routes.get("/metrics", context -> metrics(context, gate, writer));
    config.routes.get(
        "/openapi.json", context -> context.contentType("application/json").result(openApi));
    config.routes.get("/<path>", api::handle);
    config.routes.post("/<path>", api::handle);
    config.routes.put("/<path>", api::handle);
    config.routes.patch("/<path>", api::handle);
    config.routes.delete("/<path>", api::handle);
    config.routes.exception(
        Exception.class, (failure, context) -> writer.write(context, Failures.tell(failure)));
  }

  private ApiCalls calls(ListCall list) {
    SandboxService service = settings.service();
    Limits limits = settings.limits();
    Reach reach = new Reach(service, ledger);
    Quota quota = new Quota(ledger, limits.sandboxesPerCaller(), limits.sandboxes());
    SandboxCalls sandboxes = new SandboxCalls(service, ledger, watch, reach);
    return new ApiCalls(
        new CreateCall(service, ledger, quota, watch, reach, limits, draining::get),
        list,
        sandboxes,
        new SealCall(ledger, sandboxes),
        new CommandCalls(service, ledger, reach, memory, limits.longestCommand(), settings.clock()),
        new SnapshotCalls(service, ledger, reach));
  }

  /** Says whether it serves; a service that is down for now is told and does not make it unfit. */
  private void health(Context context) {
    boolean fit = !draining.get();
    context
        .status(fit ? 200 : 503)
        .contentType("application/json")
        .result(
            "{\"status\":\""
                + (fit ? "ok" : "stopping")
                + "\",\"service\":\""
                + (watch.healthy() ? "ok" : "unavailable")
                + "\"}");
  }

  private void metrics(Context context, Gate gate, ResponseWriter writer) {
    try {
      gate.admit(context);
      context.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.text());
    } catch (Failures.Refusal | SandboxException e) {
      writer.write(context, Failures.tell(e));
    }
  }

  private void gauges() {
    metrics.gauge(
        "sandbeam_sandboxes",
        "Sandboxes the server knows, by state.",
        () -> {
          Map<String, Long> byState = new HashMap<>();
          ledger
              .after(0, entry -> true, Integer.MAX_VALUE)
              .forEach(
                  entry ->
                      byState.merge(
                          "{state=\""
                              + entry.info().state().name().toLowerCase(Locale.ROOT)
                              + "\"}",
                          1L,
                          Long::sum));
          return byState;
        });
    metrics.gauge(
        "sandbeam_requests_in_flight", "Requests under way.", () -> one(inFlight.count()));
    metrics.gauge(
        "sandbeam_bytes_in_flight",
        "Bytes reserved for bodies and output.",
        () -> one(memory.used()));
    metrics.gauge(
        "sandbeam_service_up",
        "Whether the service answered when it was last listed.",
        () -> one(watch.healthy() ? 1 : 0));
    metrics.counter(
        "sandbeam_records_lost_total",
        "Records that could not be written to the state folder.",
        () -> one(ledger.journalFailures()));
  }

  private static Map<String, Long> one(long value) {
    return Map.of("", value);
  }

  private void log(Context context) {
    Exchange exchange = Exchange.of(context);
    Duration duration = Duration.ofNanos(System.nanoTime() - exchange.startNanos);
    RpcStatus.Code code =
        exchange.code == RpcStatus.Code.OK && context.statusCode() >= 400
            ? RpcStatus.Code.ofHttpStatus(context.statusCode())
            : exchange.code;
    if (!exchange.rpc.equals("-")) {
      metrics.answered(exchange.rpc, code.name(), duration, exchange.bytesIn, exchange.bytesOut);
    }
    accessLog.write(
        new AccessLog.Line(
            Instant.now(settings.clock()),
            context.req().getRemoteAddr(),
            exchange.caller,
            context.req().getMethod(),
            exchange.rpc,
            exchange.sandboxId,
            context.statusCode(),
            code.name(),
            exchange.reason,
            duration,
            exchange.bytesIn,
            exchange.bytesOut));
  }

  private static String version() {
    return Optional.ofNullable(SandbeamServer.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  private static void requireLoopback(boolean open, String host) {
    if (open && !isLoopback(host)) {
      throw new SandboxException(
          "Without a token file everybody who reaches the server may use it, so it does not listen on '"
              + host
              + "': make tokens with `sandbeam token`, or listen on 127.0.0.1");
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new SandboxException("Cannot listen on '" + host + "': " + e.getMessage(), e);
    }
  }

  /** Describes a server. Not thread-safe. */
  public static final class Builder {
    private final SandboxService service;
    private String host = "127.0.0.1";
    private int port = 8080;
    private Path tokens;
    private TlsFiles tls;
    private Path state;
    private Path accessLog;
    private Limits limits = Limits.DEFAULT;
    private Clock clock = Clock.systemUTC();

    private Builder(SandboxService service) {
      this.service = Objects.requireNonNull(service, "service");
    }

    /**
     * Where to listen; 127.0.0.1:8080 unless said otherwise.
     *
     * @param port 0 takes a free one
     */
    public Builder bind(String address, int port) {
      this.host = Objects.requireNonNull(address, "address");
      this.port = port;
      return this;
    }

    /** Who may call. Without it, every user of this machine, over loopback. */
    public Builder tokens(Path file) {
      this.tokens = file;
      return this;
    }

    /**
     * Speaks TLS only.
     *
     * @param certificates PEM, the server's own first
     * @param privateKey PEM, PKCS #8, not encrypted
     */
    public Builder tls(Path certificates, Path privateKey) {
      this.tls = new TlsFiles(certificates, privateKey);
      return this;
    }

    /** Where records survive a restart; without it they do not. One server at a time. */
    public Builder state(Path folder) {
      this.state = folder;
      return this;
    }

    /** Where the access log goes; the logger {@code io.sandbeam.server.access} without it. */
    public Builder accessLog(Path file) {
      this.accessLog = file;
      return this;
    }

    public Builder limits(Limits some) {
      this.limits = Objects.requireNonNull(some, "limits");
      return this;
    }

    Builder clock(Clock other) {
      this.clock = other;
      return this;
    }

    /**
     * Listens.
     *
     * @throws SandboxException when it cannot: the address is taken, a file is broken, another
     *     server holds the state folder; the service stays open then
     */
    public SandbeamServer start() {
      SandbeamServer server =
          new SandbeamServer(
              new Settings(
                  service,
                  host,
                  port,
                  Optional.ofNullable(tokens),
                  Optional.ofNullable(tls),
                  Optional.ofNullable(state),
                  Optional.ofNullable(accessLog),
                  limits,
                  clock));
      return server.start();
    }
  }
}
