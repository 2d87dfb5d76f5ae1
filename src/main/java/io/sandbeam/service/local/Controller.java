package io.sandbeam.service.local;

import java.util.Locale;

/** What control groups limit for us. */
enum Controller {
  MEMORY,
  PIDS,
  CPU;

  /** As the kernel calls it. */
  String file() {
    return name().toLowerCase(Locale.ROOT);
  }
}
