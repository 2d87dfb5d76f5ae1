package io.sandbeam.server;

import io.sandbeam.service.SandboxValidationException;
import java.util.regex.Pattern;

/**
 * Who makes a call: the name its token has in the token file.
 *
 * @param name part of a tag, so letters, digits and {@code . _ -}
 * @param role what it may reach
 */
record Caller(String name, Role role) {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,38}(?<=[A-Za-z0-9])");

  /** The only caller of a server without tokens: whoever can reach its loopback address. */
  static final Caller LOCAL = new Caller("local", Role.ADMIN);

  Caller {
    if (name == null || !NAME.matcher(name).matches()) {
      throw new SandboxValidationException(
          "name",
          "Invalid token name '"
              + name
              + "': 1 to 39 characters of A-Z a-z 0-9 . _ -, the first and last a letter or digit");
    }
  }

  boolean isAdmin() {
    return role == Role.ADMIN;
  }
}
