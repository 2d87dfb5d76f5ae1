package io.sandbeam.service.local;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Resources;
import java.util.Map;
import java.util.TreeMap;

/** What isolation and limits are in force here, for people. */
final class Facts {
  private Facts() {}

  static Map<String, String> of(LocalContext context) {
    Map<String, String> facts = new TreeMap<>();
    facts.put(
        "isolation",
        "bubblewrap: user, mount, pid, network, ipc, uts and cgroup namespaces; no capabilities");
    facts.put("bubblewrap", Probe.version(context.settings()).orElse("unknown"));
    facts.put(
        "user",
        context.identity().isRoot()
            ? "sandboxes of root run as uid " + context.identity().sandboxUid()
            : "sandboxes run as this user");
    facts.put("network", "none, unless a spec asks for OPEN: then this machine's own");
    facts.put("system calls", "not filtered; a kernel hole is a way out");
    facts.put("state directory", context.owner().path().getParent().getParent().toString());
    facts.put(
        "cgroups",
        context.cgroups().version()
            + context.cgroups().shortfall().map(lack -> "; " + lack.why()).orElse(""));
    Limits.of(
            Resources.DEFAULT.withCpuMillis(1000).withMemory(ByteSize.ofGibibytes(1)),
            context.settings(),
            context.cgroups())
        .inForce()
        .forEach(
            (limit, by) ->
                facts.put(
                    "limit " + limit,
                    by.replace(", 1000m", ", when asked for")
                        .replace(", 1Gi,", ", when asked for,")));
    return facts;
  }
}
