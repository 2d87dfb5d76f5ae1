package io.sandbeam.cli;

import io.sandbeam.server.Limits;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandbeam serve}: a Sandbox v1 endpoint over any service. */
@Command(
    name = "serve",
    description = {
      "Serves a service as the Sandbox v1 API over HTTP, with a page for people at /.",
      "Without a token file every user of this machine may use it, so it listens on loopback only.",
      "Ctrl-C or SIGTERM ends every sandbox created through it, then the server."
    },
    footer = {
      "",
      "Examples:",
      "  sandbeam serve",
      "  sandbeam token --file=tokens alice",
      "  sandbeam serve --host=0.0.0.0 --token-file=tokens --tls-cert=cert.pem --tls-key=key.pem",
      "  sandbeam run pipelines/hello.yaml --service=http://127.0.0.1:8080"
    })
final class ServeCommand implements Callable<Integer> {
  private static final int LAST_PORT = 65_535;

  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Mixin private ServiceArgs service = new ServiceArgs();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen. Default: 127.0.0.1.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Which port; 0 takes a free one. Default: 8080.")
  private int port = 8080;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Who may call, as `sandbeam token` writes it. Changes count without a restart.")
  private Path tokenFile;

  @Option(
      names = "--templates",
      paramLabel = "FILE",
      description =
          "What sandboxes may be created from, as JSON: {\"ID\": {\"revision\": 1, \"spec\": {…}}}."
              + " Changes count without a restart.")
  private Path templates;

  @ArgGroup(exclusive = false)
  private Tls tls;

  @Option(
      names = "--state",
      paramLabel = "FOLDER",
      description = "Records that survive a restart. Default: ~/.local/state/sandbeam/serve.")
  private Path state;

  @Option(
      names = "--access-log",
      paramLabel = "FILE",
      description = "One line of JSON per request. Default: the log.")
  private Path accessLog;

  @Option(
      names = "--max-sandboxes",
      paramLabel = "N",
      description = "Live at once, in all. Default: 5000.")
  private int maxSandboxes = Limits.DEFAULT.sandboxes();

  @Option(
      names = "--max-sandboxes-per-token",
      paramLabel = "N",
      description = "Live at once, of one caller. Default: 2000.")
  private int maxSandboxesPerToken = Limits.DEFAULT.sandboxesPerCaller();

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      description = "Requests per second of one caller. Default: 2000.")
  private double maxRequests = Limits.DEFAULT.requestsPerSecond();

  @Option(
      names = "--max-lifetime",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Longer lifetimes are refused. Default: 30d.")
  private Duration maxLifetime = Limits.DEFAULT.longestLifetime();

  @Option(
      names = "--max-command",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Commands are killed after this time. Default: 1h.")
  private Duration maxCommand = Limits.DEFAULT.longestCommand();

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long a stop waits for running commands. Default: 30s.")
  private Duration drain = Limits.DEFAULT.drain();

  /** A certificate and its key: both or neither. */
  static final class Tls {
    @Option(
        names = "--tls-cert",
        paramLabel = "FILE",
        required = true,
        description = "Certificates, PEM, the server's own first: speaks TLS only.")
    private Path certificates;

    @Option(
        names = "--tls-key",
        paramLabel = "FILE",
        required = true,
        description = "Its private key, PEM, PKCS #8, not encrypted.")
    private Path key;
  }

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > LAST_PORT) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid --port=" + port + ": ports are 1 to 65535, and 0 a free one");
    }
    SandbeamServer server = start();
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(server), "sandbeam-serve-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    terminal.out().println(server.uri());
    terminal.out().flush();
    // The signal ends the process; the hook above ends the sandboxes before it.
    stopped.await();
    return ExitCode.OK;
  }

  private SandbeamServer start() {
    SandboxService opened = service.open();
    try {
      SandbeamServer.Builder builder =
          SandbeamServer.builder(opened)
              .bind(host, port)
              .tokens(tokenFile)
              .templates(templates)
              .state(state())
              .accessLog(accessLog)
              .limits(
                  Limits.DEFAULT
                      .withSandboxes(maxSandboxesPerToken, maxSandboxes)
                      .withRequests(maxRequests, (int) Math.ceil(2 * maxRequests))
                      .withLongestLifetime(maxLifetime)
                      .withLongestCommand(maxCommand)
                      .withDrain(drain));
      if (tls != null) {
        builder.tls(tls.certificates, tls.key);
      }
      return builder.start();
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void stop(SandbeamServer server) {
    terminal.say("stopping: waiting for running commands, then ending all sandboxes");
    try {
      server.close();
      terminal.say("stopped, nothing is left");
    } catch (SandboxException e) {
      terminal.say(e.getMessage());
      Runtime.getRuntime().halt(ExitCode.LEFT);
    }
  }

  private Path state() {
    Path base =
        Optional.ofNullable(System.getenv("XDG_STATE_HOME"))
            .filter(home -> !home.isBlank())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"));
    return state == null ? base.resolve("sandbeam").resolve("serve") : state;
  }
}
