package io.sandbeam.server;

import io.sandbeam.service.http.wire.RpcStatus;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The templates of a server, as their file says by now. Thread-safe. */
final class Templates {
  private static final Logger LOG = LoggerFactory.getLogger(Templates.class);

  /** A message lists no more of them. */
  private static final int MOST_NAMED = 20;

  private final Optional<WatchedFile<Map<String, Template>>> file;

  private Templates(Optional<WatchedFile<Map<String, Template>>> file) {
    this.file = file;
  }

  /**
   * Those of a file.
   *
   * @throws io.sandbeam.service.SandboxException when it cannot be read or one is wrong
   */
  static Templates of(Path file, Clock clock) {
    return new Templates(
        Optional.of(new WatchedFile<>(file, clock, Templates::read, Templates::read)));
  }

  static Templates none() {
    return new Templates(Optional.empty());
  }

  /**
   * The template of this id.
   *
   * @throws Failures.Refusal NOT_FOUND; v1 publishes no reason for it
   */
  Template find(String id) {
    if (file.isEmpty()) {
      throw notFound(id, "this server has none; `sandbeam serve --templates=FILE` gives it some");
    }
    Map<String, Template> templates = file.get().current();
    Template template = templates.get(id);
    if (template == null) {
      throw notFound(id, "there are " + named(templates));
    }
    return template;
  }

  private static String named(Map<String, Template> templates) {
    String names =
        String.join(", ", templates.keySet().stream().sorted().limit(MOST_NAMED).toList());
    return "[" + names + (templates.size() > MOST_NAMED ? ", …]" : "]");
  }

  private static Failures.Refusal notFound(String id, String more) {
    return new Failures.Refusal(
        RpcStatus.of(RpcStatus.Code.NOT_FOUND, "Template '" + id + "' not found: " + more));
  }

  private static Map<String, Template> read(Path path) {
    Map<String, Template> templates = TemplateFile.read(path);
    LOG.info("Read {} templates from {}", templates.size(), path);
    return templates;
  }
}
