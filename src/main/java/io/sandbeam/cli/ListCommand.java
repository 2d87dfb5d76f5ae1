package io.sandbeam.cli;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.ShowTerminated;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandbeam list}: the sandboxes there are. */
@Command(
    name = "list",
    description = "Lists sandboxes that Sandbeam made, page by page, however many there are.",
    footer = {
      "",
      "Examples:",
      "  sandbeam list",
      "  sandbeam list --job=nightly-k3v9x2qa --all",
      "  sandbeam list --format=json | jq -r .id"
    })
final class ListCommand implements Callable<Integer> {

  /** How the list is printed. */
  enum Format {
    TABLE,
    JSON
  }

  private final Terminal terminal;

  @Mixin private ServiceArgs service = new ServiceArgs();

  @Option(names = "--job", paramLabel = "ID", description = "Only those of one job.")
  private String job;

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "Only those that carry this tag, whole; repeatable: all of them.")
  private List<String> tags = new ArrayList<>();

  @Option(names = "--all", description = "Also those that have ended, while their record is kept.")
  private boolean isAll;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table, or json: one object per line. Default: table.")
  private Format format = Format.TABLE;

  ListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ListRequest request =
        ListRequest.tagged(ServiceArgs.tags(job, tags))
            .withShowTerminated(isAll ? ShowTerminated.YES : ShowTerminated.NO);
    try (SandboxService opened = service.open()) {
      if (format == Format.TABLE) {
        terminal.out().println(SandboxLines.HEADER);
      }
      SandboxPage page = Reports.await(opened.list(request));
      print(page);
      Set<String> tokens = new HashSet<>();
      while (page.nextPageToken().isPresent() && !terminal.isClosed()) {
        String token = page.nextPageToken().get();
        if (!tokens.add(token)) {
          throw new SandboxException(
              "The list of " + opened.describe().name() + " is broken: its pages go in a circle");
        }
        page = Reports.await(opened.list(request.withPageToken(token)));
        print(page);
      }
    }
    return ExitCode.OK;
  }

  private void print(SandboxPage page) {
    for (SandboxInfo info : page.sandboxes()) {
      terminal
          .out()
          .println(format == Format.JSON ? SandboxLines.json(info) : SandboxLines.table(info));
    }
  }
}
