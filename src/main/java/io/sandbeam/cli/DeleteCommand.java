package io.sandbeam.cli;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.StopOptions;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandbeam delete}: ends single sandboxes, and waits until they are gone. */
@Command(
    name = "delete",
    description = "Ends sandboxes by their ids, and waits until each is gone.",
    footer = {
      "",
      "Exit status: 0 all are gone; 1 one is not, or is not known.",
      "",
      "Examples:",
      "  sandbeam delete 3f0c8a52",
      "  sandbeam list --format=json | jq -r .id | xargs sandbeam delete --missing-ok"
    })
final class DeleteCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ServiceArgs service = new ServiceArgs();

  @Parameters(arity = "1..*", paramLabel = "ID", description = "The sandboxes to end.")
  private List<String> ids;

  @Option(names = "--missing-ok", description = "A sandbox that is not known counts as gone.")
  private boolean isMissingOk;

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      description = "Time between TERM and KILL. Default: none.")
  private Duration grace = Duration.ZERO;

  DeleteCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    int failed = 0;
    try (SandboxService opened = service.open()) {
      for (String id : ids) {
        failed += delete(opened, id) ? 0 : 1;
      }
    }
    return failed == 0 ? ExitCode.OK : ExitCode.NOT_ALL;
  }

  private boolean delete(SandboxService opened, String id) {
    try {
      Sandbox sandbox = Sandbox.fromId(opened, id);
      Reports.await(sandbox.stop(StopOptions.DEFAULT.withGrace(grace)));
      terminal.out().println(id + " gone");
      return true;
    } catch (SandboxNotFoundException e) {
      if (isMissingOk) {
        terminal.out().println(id + " not known");
        return true;
      }
      terminal.say(e.getMessage() + " (--missing-ok makes that a success)");
    } catch (SandboxException e) {
      terminal.say(id + ": " + e.getMessage());
    }
    return false;
  }
}
