package io.sandbeam.server;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Sandboxes as the page shows them: by job, the live ones first, the youngest first. */
final class PageRows {
  private static final String JOB = "job.";
  private static final int ID_SHOWN = 8;

  private final Caller caller;
  private final Instant now;
  private final Function<String, Optional<LastCommand>> lastCommand;
  private final Html html = new Html();

  PageRows(Caller caller, Instant now, Function<String, Optional<LastCommand>> lastCommand) {
    this.caller = caller;
    this.now = now;
    this.lastCommand = lastCommand;
  }

  /**
   * The whole of it.
   *
   * @param more whether there are more than these
   */
  String render(List<SandboxInfo> sandboxes, boolean more) {
    summary(sandboxes, more);
    Map<String, List<SandboxInfo>> byJob = new TreeMap<>();
    sandboxes.forEach(s -> byJob.computeIfAbsent(job(s), job -> new ArrayList<>()).add(s));
    if (byJob.isEmpty()) {
      html.raw("<p class=\"empty\">No sandboxes match. Nothing is running, nothing is left.</p>");
    }
    byJob.forEach(this::job);
    return html.toString();
  }

  private void summary(List<SandboxInfo> sandboxes, boolean more) {
    Map<SandboxState, Integer> byState = new EnumMap<>(SandboxState.class);
    sandboxes.forEach(s -> byState.merge(s.state(), 1, Integer::sum));
    long live = sandboxes.stream().filter(s -> !s.isTerminal()).count();
    html.raw("<p class=\"summary\" data-live=\"").text(live).raw("\"><strong>").text(live);
    html.raw(" live</strong>");
    byState.forEach(
        (state, count) -> {
          html.raw(" ");
          state(state, count + " ");
        });
    if (more) {
      html.raw(" <span class=\"note\">the first ").text(sandboxes.size());
      html.raw(" only: filter by a tag to see the rest</span>");
    }
    html.raw("</p>");
  }

  private void job(String job, List<SandboxInfo> sandboxes) {
    sandboxes.sort(
        java.util.Comparator.comparing(SandboxInfo::isTerminal)
            .thenComparing(SandboxInfo::createTime, java.util.Comparator.reverseOrder()));
    long live = sandboxes.stream().filter(s -> !s.isTerminal()).count();
    html.raw("<section><header><h2>");
    if (job.isEmpty()) {
      html.raw("No job");
    } else {
      html.raw("<span class=\"word\">Job</span> ").text(job);
    }
    html.raw("</h2><span class=\"count\">").text(live).raw(" live of ").text(sandboxes.size());
    html.raw("</span>");
    if (!job.isEmpty() && live > 0) {
      html.raw("<button type=\"button\" class=\"quiet\" data-sweep=\"").text(JOB + job);
      html.raw("\">Sweep this job…</button>");
    }
    html.raw("</header><div class=\"scroll\"><table><thead><tr><th>Sandbox</th><th>State</th>");
    html.raw("<th>Age</th><th>Last command</th><th>Tags</th>");
    if (caller.isAdmin()) {
      html.raw("<th>Owner</th>");
    }
    html.raw("</tr></thead><tbody>");
    sandboxes.forEach(this::row);
    html.raw("</tbody></table></div></section>");
  }

  private void row(SandboxInfo sandbox) {
    html.raw(sandbox.isTerminal() ? "<tr class=\"ended\" data-id=\"" : "<tr data-id=\"");
    html.text(sandbox.id()).raw("\"><td><code title=\"").text(sandbox.id()).raw("\">");
    html.text(shortId(sandbox.id())).raw("</code></td><td>");
    state(sandbox.state(), "");
    if (!sandbox.stateReason().isEmpty()) {
      html.raw(" <span class=\"reason\" title=\"").text(sandbox.stateReason()).raw("\">");
      html.text(sandbox.stateReason()).raw("</span>");
    }
    sandbox
        .exitCode()
        .ifPresent(code -> html.raw(" <span class=\"reason\">exit ").text(code).raw("</span>"));
    html.raw("</td><td class=\"age\" title=\"created ").text(sandbox.createTime().toString());
    html.raw("\">").text(age(sandbox)).raw("</td><td>");
    lastCommand
        .apply(sandbox.id())
        .ifPresentOrElse(this::command, () -> html.raw("<span class=\"none\">–</span>"));
    html.raw("</td><td class=\"tags\">");
    OwnerTag.ownTags(sandbox.spec()).stream()
        .filter(tag -> !tag.value().startsWith(JOB))
        .forEach(this::tag);
    html.raw("</td>");
    if (caller.isAdmin()) {
      html.raw("<td>").text(OwnerTag.ownerOf(sandbox.spec()).orElse("–")).raw("</td>");
    }
    html.raw("</tr>");
  }

  private void command(LastCommand command) {
    html.raw("<code>").text(command.program()).raw("</code> <span class=\"reason\">");
    html.text(command.outcome()).raw(", ").text(ago(command.at())).raw("</span>");
  }

  private void tag(Tag tag) {
    html.raw("<button type=\"button\" class=\"tag\" data-tag=\"").text(tag.value());
    html.raw("\" title=\"Show only sandboxes with this tag\">").text(tag.value()).raw("</button>");
  }

  private void state(SandboxState state, String before) {
    String name = state.name().toLowerCase(Locale.ROOT);
    html.raw("<span class=\"state ").raw(name).raw("\">").text(before + name).raw("</span>");
  }

  private static String job(SandboxInfo sandbox) {
    return sandbox.spec().tags().stream()
        .map(Tag::value)
        .filter(tag -> tag.startsWith(JOB))
        .map(tag -> tag.substring(JOB.length()))
        .findFirst()
        .orElse("");
  }

  private String age(SandboxInfo sandbox) {
    String lived = duration(Duration.between(sandbox.createTime(), sandbox.endTime().orElse(now)));
    if (sandbox.isTerminal()) {
      return "lived " + lived + sandbox.endTime().map(end -> ", ended " + ago(end)).orElse("");
    }
    return lived + " of " + duration(sandbox.effectiveMaxLifetime());
  }

  private String ago(Instant time) {
    return duration(Duration.between(time, now)) + " ago";
  }

  private static String shortId(String id) {
    return id.length() > 2 * ID_SHOWN
        ? id.substring(0, ID_SHOWN) + "…" + id.substring(id.length() - 4)
        : id;
  }

  static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    } else if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    } else if (seconds < 86_400) {
      return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
    return seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
  }
}
