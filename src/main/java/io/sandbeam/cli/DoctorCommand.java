package io.sandbeam.cli;

import io.sandbeam.service.Finding;
import io.sandbeam.service.Finding.Level;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandbeam doctor}: what isolation this machine can give, and what mends the rest. */
@Command(
    name = "doctor",
    description = {
      "Looks at what the services need on this machine, what is there, and which command mends the rest.",
      "Without --service it looks at all of them, and is content when one can work."
    },
    footer = {
      "",
      "Exit status: 0 sandboxes can be made here; 1 they cannot.",
      "",
      "Examples:",
      "  sandbeam doctor",
      "  sandbeam doctor --service=docker"
    })
final class DoctorCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ServiceArgs service = new ServiceArgs();

  DoctorCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (service.address().isPresent()) {
      ServiceConfig config = service.config(Map.of());
      return examine(SandboxServices.provider(config), config) ? ExitCode.OK : ExitCode.NOT_ALL;
    }
    boolean anyWorks = false;
    for (SandboxServiceProvider provider : SandboxServices.providers()) {
      String scheme = new TreeSet<>(provider.schemes()).first();
      anyWorks |= examine(provider, ServiceConfig.of(scheme));
    }
    if (!anyWorks) {
      terminal.say(
          "no service can make sandboxes here; the lines marked 'missing' say what mends that");
    }
    return anyWorks ? ExitCode.OK : ExitCode.NOT_ALL;
  }

  /** Prints what there is; answers whether the service can work. */
  private boolean examine(SandboxServiceProvider provider, ServiceConfig config) {
    terminal.out().println(config.address() + ": " + provider.summary());
    List<Finding> findings;
    try {
      findings = provider.diagnose(config);
    } catch (SandboxException e) {
      findings = List.of(new Finding(Level.MISSING, config.address(), e.getMessage(), ""));
    }
    findings.forEach(this::print);
    return findings.stream().noneMatch(finding -> finding.level() == Level.MISSING);
  }

  private void print(Finding finding) {
    String level = finding.level().name().toLowerCase(Locale.ROOT);
    terminal
        .out()
        .println(
            String.format(
                Locale.ROOT, "  %-8s %s: %s", level, finding.subject(), finding.detail()));
    if (!finding.remedy().isEmpty()) {
      terminal.out().println("           to mend it: " + finding.remedy());
    }
  }
}
