package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.http.wire.PrepareHeaders;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
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
 * created through it, and the service with it. Several servers may share what is behind their
 * services; none ends what was created through another. Thread-safe.
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

  /** Made ready at a time. */
  private static final long MOST_IMAGES = 100;

  private final ServerSettings settings;
  private final Ledger ledger;
  private final ServiceWatch watch;
  private final Promises promises;
  private final Metrics metrics = new Metrics();
  private final InFlight inFlight = new InFlight();
  private final Budget memory;
  private final HttpListener listener;
  private final ScheduledExecutorService scheduler;
  private final Gate gate;
  private final Templates templates;
  private final AccessLog accessLog;
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private SandbeamServer(
      ServerSettings settings, Gate gate, Templates templates, Ledger ledger, AccessLog accessLog) {
    this.settings = settings;
    this.gate = gate;
    this.templates = templates;
    this.ledger = ledger;
    this.accessLog = accessLog;
    this.listener = new HttpListener(settings);
    this.memory = budget("bytes in flight", Runtime.getRuntime().maxMemory() / 2);
    this.watch =
        new ServiceWatch(
            settings.service(), ledger, settings.clock(), settings.limits().retention());
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "sandbeam-server-watch");
              thread.setDaemon(true);
              return thread;
            });
    this.promises = new Promises(settings.service(), ledger, settings.clock(), scheduler);
    Gauges.of(metrics, ledger, inFlight, memory, watch);
  }

  /** Starts to describe a server of this service. */
  public static Builder builder(SandboxService service) {
    return new Builder(service);
  }

  /** Takes what it needs of the machine, or nothing of it. */
  private static SandbeamServer of(ServerSettings settings) {
    Authenticator authenticator =
        settings
            .tokens()
            .map(file -> Authenticator.of(file, settings.clock()))
            .orElseGet(Authenticator::none);
    Templates templates =
        settings
            .templates()
            .map(file -> Templates.of(file, settings.clock()))
            .orElseGet(Templates::none);
    Limits limits = settings.limits();
    RateLimit rate = new RateLimit(limits.requestsPerSecond(), limits.burst(), System::nanoTime);
    Gate gate = new Gate(authenticator, rate, settings.host());
    AccessLog accessLog = settings.accessLog().map(AccessLog::to).orElseGet(AccessLog::toLogger);
    try {
      Ledger ledger =
          settings
              .state()
              .map(folder -> Ledger.over(Journal.open(folder), settings.clock()))
              .orElseGet(() -> Ledger.inMemory(settings.clock()));
      return new SandbeamServer(settings, gate, templates, ledger, accessLog);
    } catch (RuntimeException e) {
      accessLog.close();
      throw e;
    }
  }

  /** Where it listens: {@code http://127.0.0.1:8080}. */
  public URI uri() {
    return settings.uri(port());
  }

  /** The port it listens on. */
  public int port() {
    return listener.port();
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
    Shutdown end = new Shutdown(settings.service(), ledger, watch, promises, scheduler);
    List<String> left = List.of();
    try {
      if (!inFlight.awaitNone(settings.limits().drain())) {
        LOG.warn("{} requests were still under way at the end of the drain", inFlight.count());
      }
      left = end.endAll(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn("Interrupted while stopping: not waiting for anything", e);
      left = end.live();
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
    listener.stop();
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
      firstLook();
      listener.start(routes(), new RequestLog(accessLog, metrics, settings.clock()), scheduler);
    } catch (RuntimeException e) {
      scheduler.shutdownNow();
      ledger.close();
      accessLog.close();
      throw e;
    }
    watch.every(LOOK_EVERY, scheduler);
    String who =
        settings.tokens().isPresent()
            ? "callers need a token of " + settings.tokens().get()
            : "no token file, so it listens on loopback only, and every user of this machine may use it";
    LOG.info("Serving {} at {}: {}", settings.service().describe().name(), uri(), who);
    if (settings.inClear()) {
      LOG.warn("Tokens travel unencrypted: give it a certificate, or put a TLS proxy before it");
    }
    return this;
  }

  private void firstLook() {
    try {
      watch.look().get(FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("Interrupted while starting", e);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The service does not answer yet; starting all the same", e);
    }
  }

  /** Where there are others, nobody has all of it. */
  private Budget budget(String what, long limit) {
    return new Budget(what, limit, gate.open() ? limit : limit / 4 * 3);
  }

  private Routes routes() {
    Limits limits = settings.limits();
    Executor threads = listener.threads();
    MinimumRate rate =
        new MinimumRate(limits.slowGrace(), limits.bytesPerSecond(), System::nanoTime);
    Budget readers = budget("bodies coming in", HttpListener.MOST_THREADS);
    RequestReader reader = new RequestReader(limits.body().bytes(), rate, memory, readers);
    ResponseWriter writer = new ResponseWriter(rate);
    ListCall list = new ListCall(settings.service(), ledger);
    ApiHandler api = new ApiHandler(gate, reader, calls(list), writer, inFlight, threads);
    Page page =
        new Page(
            gate, list, ledger, settings.service().describe(), writer, settings.clock(), threads);
    return new Routes(
        gate, api, page, metrics, watch, draining::get, writer, OpenApi.document(version()));
  }

  private ApiCalls calls(ListCall list) {
    SandboxService service = settings.service();
    Limits limits = settings.limits();
    Reach reach = new Reach(service, ledger);
    long specs = Runtime.getRuntime().maxMemory() / 8;
    Quota quota = new Quota(ledger, limits.sandboxesPerCaller(), limits.sandboxes(), specs);
    SandboxCalls sandboxes = new SandboxCalls(service, ledger, watch, reach, promises);
    Admission admission = new Admission(limits, reach);
    CreateCall create =
        new CreateCall(service, ledger, quota, watch, admission, promises, draining::get);
    Preparations preparations =
        new Preparations(
            service,
            budget("images on their way", MOST_IMAGES),
            PrepareHeaders.LONGEST_WAIT,
            scheduler,
            draining::get);
    return new ApiCalls(
        create,
        new TemplateCall(templates, admission, create),
        list,
        new PrepareCall(preparations, list),
        sandboxes,
        new SealCall(ledger, sandboxes),
        new CommandCalls(service, ledger, reach, memory, limits.longestCommand(), settings.clock()),
        new SnapshotCalls(service, ledger, reach));
  }

  private static String version() {
    return Optional.ofNullable(SandbeamServer.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  /** Describes a server. Not thread-safe. */
  public static final class Builder {
    private final SandboxService service;
    private String host = "127.0.0.1";
    private int port = 8080;
    private Path tokens;
    private Path templates;
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
     * What sandboxes may be created from: a JSON file of {@code {"ID": {"revision": 1, "spec":
     * {…}}}}, each spec as the body of a create has it. A change counts within a second or two; a
     * broken file changes nothing, and is logged. Without it there are no templates.
     */
    public Builder templates(Path file) {
      this.templates = file;
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
      ServerSettings settings =
          new ServerSettings(
              service,
              host,
              port,
              Optional.ofNullable(tokens),
              Optional.ofNullable(templates),
              Optional.ofNullable(tls),
              Optional.ofNullable(state),
              Optional.ofNullable(accessLog),
              limits,
              clock);
      return of(settings).start();
    }
  }
}
