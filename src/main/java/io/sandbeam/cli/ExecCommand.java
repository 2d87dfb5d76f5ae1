package io.sandbeam.cli;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.ExecResult;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandbeam exec}: one command in a fresh sandbox. */
@Command(
    name = "exec",
    description = {
      "Runs one command in a fresh sandbox, and ends the sandbox.",
      "What is piped in is the command's standard input. Its output is printed when it has ended."
    },
    footer = {
      "",
      "Exit status: that of the command; 124 it was killed at its time limit; 125 it could not be run;"
          + " 137 it was killed for want of memory.",
      "",
      "Examples:",
      "  sandbeam exec -- python3 -V",
      "  echo 'print(6*7)' | sandbeam exec --memory=256Mi --timeout=10s -- python3 -",
      "  sandbeam exec --service=docker --image=alpine -- cat /etc/os-release"
    })
final class ExecCommand implements Callable<Integer> {
  private static final int KILLED = 137;
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private final Terminal terminal;

  @Spec private CommandSpec spec;

  @Mixin private ServiceArgs service = new ServiceArgs();

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "The command and its arguments, after '--'.")
  private List<String> command = new ArrayList<>();

  @Option(
      names = "--image",
      paramLabel = "IMAGE",
      description = "The sandbox's image; NAME=IMAGE makes an alias; repeatable.")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory of all its processes: 256Mi.")
  private String memory;

  @Option(names = "--cpu", paramLabel = "CORES", description = "Processors: 0.5, 2.")
  private Double cpu;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "When the command is killed. Default: 5m.")
  private Duration timeout = ExecRequest.DEFAULT_TIMEOUT;

  @Option(names = "--env", paramLabel = "NAME=VALUE", description = "A variable; repeatable.")
  private List<String> variables = new ArrayList<>();

  @Option(names = "--cwd", paramLabel = "PATH", description = "Where the command starts.")
  private String workingDirectory;

  @Option(names = "--network", paramLabel = "REACH", description = "none (the default) or open.")
  private Network network = Network.NONE;

  @Option(names = "--tag", paramLabel = "TAG", description = "A tag of the sandbox; repeatable.")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--max-output",
      paramLabel = "SIZE",
      description = "What is kept of each stream. Default: 32Mi.")
  private String maxOutput = "32Mi";

  @Option(names = "--no-stdin", description = "Do not read what is piped in.")
  private boolean isWithoutInput;

  ExecCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (command.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "say which command, after '--': sandbeam exec -- python3 -V");
    }
    ExecRequest request = request();
    SandboxDefaults defaults = defaults();
    try (SandboxService opened = SandboxServices.open(service.config(aliases()));
        Sandbox sandbox = Sandbox.run(opened, defaults)) {
      return print(Reports.await(sandbox.exec(request)));
    }
  }

  private ExecRequest request() throws IOException {
    int kept = (int) Math.min(ByteSize.parse(maxOutput).bytes(), Integer.MAX_VALUE / 4);
    ExecRequest.Builder request =
        ExecRequest.builder(command)
            .env(Pairs.of(spec, "--env", variables))
            .timeout(timeout)
            .maxOutputBytes(kept)
            .stdin(isWithoutInput ? new byte[0] : StandardInput.read(terminal.in()));
    if (workingDirectory != null) {
      request.cwd(workingDirectory);
    }
    return request.build();
  }

  private SandboxDefaults defaults() {
    Resources limits = Resources.DEFAULT;
    if (memory != null) {
      limits = limits.withMemory(ByteSize.parse(memory));
    }
    if (cpu != null) {
      limits = limits.withCpuMillis((int) Math.round(cpu * 1000));
    }
    Duration needed = timeout.plus(MARGIN);
    Duration usual = SandboxSpec.DEFAULT_MAX_LIFETIME;
    SandboxDefaults.Builder defaults =
        SandboxDefaults.builder()
            .tags(tags.toArray(new String[0]))
            .resources(limits)
            .network(network)
            .maxLifetime(needed.compareTo(usual) > 0 ? needed : usual);
    images.stream().filter(image -> !isAlias(image)).forEach(defaults::image);
    return defaults.build();
  }

  private Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    images.stream()
        .filter(ExecCommand::isAlias)
        .forEach(image -> aliases.putAll(Pairs.of(spec, "--image", List.of(image))));
    return aliases;
  }

  private static boolean isAlias(String image) {
    return image.indexOf('=') > 0;
  }

  private int print(ExecResult result) throws IOException {
    terminal.out().write(result.stdout());
    terminal.out().flush();
    terminal.err().write(result.stderr());
    terminal.err().flush();
    sayIfCut("standard output", result.stdoutTruncated(), result.stdoutBytesProduced());
    sayIfCut("standard error", result.stderrTruncated(), result.stderrBytesProduced());
    if (result.outcome() == ExecOutcome.TIMED_OUT) {
      terminal.say("killed at its time limit, " + timeout.toMillis() + " ms (--timeout)");
      return ExitCode.EXEC_TIMED_OUT;
    }
    if (result.outcome() == ExecOutcome.OUT_OF_MEMORY) {
      terminal.say("killed: the sandbox's memory was used up (--memory)");
      return KILLED;
    }
    return result.exitCode();
  }

  private void sayIfCut(String stream, boolean isCut, long produced) {
    if (isCut) {
      terminal.say(
          stream + " is cut: " + produced + " bytes were written (--max-output=" + maxOutput + ")");
    }
  }
}
