package io.sandbeam.server;

import io.sandbeam.service.SandboxSpec;
import java.util.Map;

/** About how many bytes of memory a spec takes, as long as somebody remembers it. */
final class SpecWeight {
  /** Of an object, a map's entry, a reference: a rule of thumb. */
  private static final int EACH = 64;

  private SpecWeight() {}

  /** All of it. */
  static long of(SandboxSpec spec) {
    long files =
        spec.files().entrySet().stream()
            .mapToLong(file -> EACH + (long) file.getKey().length() + file.getValue().length)
            .sum();
    return files + ofText(spec);
  }

  /** Without the contents of its files. */
  static long ofText(SandboxSpec spec) {
    long words = spec.command().stream().mapToLong(SpecWeight::of).sum();
    long tags = spec.tags().stream().mapToLong(tag -> of(tag.value())).sum();
    return EACH
        + words
        + tags
        + of(spec.env())
        + of(spec.annotations())
        + of(spec.workingDir())
        + of(spec.image().orElse(""));
  }

  private static long of(Map<String, String> map) {
    return map.entrySet().stream().mapToLong(e -> of(e.getKey()) + of(e.getValue())).sum();
  }

  private static long of(String text) {
    return EACH + (long) text.length();
  }
}
