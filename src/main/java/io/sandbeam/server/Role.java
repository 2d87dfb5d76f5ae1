package io.sandbeam.server;

import java.util.Locale;

/** What a caller may reach. */
public enum Role {
  /** Its own sandboxes and snapshots; no others exist for it. */
  USER,
  /** Those of every caller. */
  ADMIN;

  /** As a token file writes it. */
  String written() {
    return name().toLowerCase(Locale.ROOT);
  }
}
