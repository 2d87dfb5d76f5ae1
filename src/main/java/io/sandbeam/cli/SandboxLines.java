package io.sandbeam.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.Tag;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** One sandbox as one line. */
final class SandboxLines {
  private static final String COLUMNS = "%-38s %-11s %-20s %-16s %-12s %s";

  static final String HEADER =
      String.format(Locale.ROOT, COLUMNS, "ID", "STATE", "CREATED", "IMAGE", "HOST", "TAGS");

  private SandboxLines() {}

  static String table(SandboxInfo info) {
    return String.format(
        Locale.ROOT,
        COLUMNS,
        info.id(),
        info.state(),
        info.createTime().truncatedTo(ChronoUnit.SECONDS),
        info.spec().image().orElse("-"),
        info.host().isEmpty() ? "-" : info.host(),
        Tag.join(info.spec().tags()));
  }

  static String json(SandboxInfo info) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("id", info.id());
    object.put("state", info.state().name());
    object.put("state_reason", info.stateReason());
    object.put("create_time", info.createTime().toString());
    info.startTime().ifPresent(time -> object.put("start_time", time.toString()));
    info.endTime().ifPresent(time -> object.put("end_time", time.toString()));
    info.exitCode().ifPresent(code -> object.put("exit_code", code));
    object.put("max_lifetime_seconds", info.effectiveMaxLifetime().toSeconds());
    info.spec().image().ifPresent(image -> object.put("image", image));
    object.put("host", info.host());
    info.spec().tags().forEach(tag -> object.withArray("/tags").add(tag.value()));
    info.limitsInForce().forEach((limit, how) -> object.withObject("/limits").put(limit, how));
    return object.toString();
  }
}
