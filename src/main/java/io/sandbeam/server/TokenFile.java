package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The file that says who may call a server: one line per token, {@code name role sha256:SALT:HASH},
 * blank lines and {@code #} comments apart. It holds no token, only hashes. Several lines may carry
 * one name, so that a token can be replaced without a gap: mint the new one, hand it out, delete
 * the old line. A running server knows a new line after a second or two, and lets nobody in by a
 * deleted one after a few.
 *
 * <pre>{@code
 * String token = TokenFile.mint(Path.of("tokens"), "alice", Role.USER);   // show it once
 * }</pre>
 */
public final class TokenFile {
  private static final int MAX_TOKENS = 1000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private TokenFile() {}

  /**
   * Makes a token and appends its hash to the file, which is created for its owner only if it is
   * not there.
   *
   * @return the token; it cannot be had again
   * @throws SandboxException when the name is not 1 to 39 characters of {@code A-Z a-z 0-9 . _ -},
   *     or the file cannot be written
   */
  public static String mint(Path file, String name, Role role) {
    String token = TokenEntry.mint(RANDOM);
    TokenEntry entry = TokenEntry.of(new Caller(name, role), token, RANDOM);
    try {
      create(file);
      String before = Files.readString(file);
      String newline = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
      Files.writeString(file, newline + entry.line() + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new SandboxException("Cannot write the token file '" + file + "': " + e, e);
    }
    return token;
  }

  /**
   * As {@link #read}, for a start: a server that nobody could call is a mistake.
   *
   * @throws SandboxException also when there is no entry
   */
  static List<TokenEntry> readSome(Path file) {
    List<TokenEntry> entries = read(file);
    if (entries.isEmpty()) {
      throw wrongCount(file, 0);
    }
    return entries;
  }

  /** All entries. Names the line that is wrong, and does not show it. */
  static List<TokenEntry> read(Path file) {
    List<TokenEntry> entries = new ArrayList<>();
    List<String> lines;
    try {
      refuseIfOthersCanWrite(file);
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SandboxException(
          "Cannot read the token file '" + file + "': " + e + ". Make one with `sandbeam token`",
          e);
    }
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        entries.add(TokenEntry.parse(line));
      } catch (IllegalArgumentException | SandboxValidationException e) {
        throw new SandboxException(
            "Token file '" + file + "', line " + number + ": " + e.getMessage(), e);
      }
    }
    if (entries.size() > MAX_TOKENS) {
      throw wrongCount(file, entries.size());
    }
    return List.copyOf(entries);
  }

  private static SandboxException wrongCount(Path file, int tokens) {
    return new SandboxException(
        "Token file '"
            + file
            + "' holds "
            + tokens
            + " tokens; it takes 1 to "
            + MAX_TOKENS
            + ". Make one with `sandbeam token`");
  }

  private static void create(Path file) throws IOException {
    if (Files.exists(file)) {
      return;
    }
    if (isPosix(file)) {
      Files.createFile(
          file,
          PosixFilePermissions.asFileAttribute(
              Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE)));
    } else {
      Files.createFile(file);
    }
  }

  private static void refuseIfOthersCanWrite(Path file) throws IOException {
    if (isPosix(file)
        && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new SandboxException(
          "Everybody can write the token file '"
              + file
              + "', and so make tokens: chmod 600 "
              + file);
    }
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
