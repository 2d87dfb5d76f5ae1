package io.sandbeam.server;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whose a token is, by what the token file says by now ({@link WatchedFile}): one without an
 * entry lets nobody in. Thread-safe.
 */
final class Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);
  private static final String SCHEME = "bearer ";
  private static final int LONGEST_TOKEN = 512;

  private final Optional<WatchedFile<List<TokenEntry>>> file;

  private Authenticator(Optional<WatchedFile<List<TokenEntry>>> file) {
    this.file = file;
  }

  /** By the tokens of a file. */
  static Authenticator of(Path file, Clock clock) {
    return new Authenticator(
        Optional.of(new WatchedFile<>(file, clock, TokenFile::readSome, Authenticator::read)));
  }

  /** Everybody is {@link Caller#LOCAL}: for a server that only this machine can reach. */
  static Authenticator none() {
    return new Authenticator(Optional.empty());
  }

  boolean open() {
    return file.isEmpty();
  }

  /**
   * Whose call it is.
   *
   * @param authorization the header, or null
   * @param apiKey the {@code x-wandb-api-key} header, or null; read when the other is not there
   */
  Optional<Caller> authenticate(String authorization, String apiKey) {
    if (open()) {
      return Optional.of(Caller.LOCAL);
    }
    return token(authorization, apiKey).flatMap(this::callerOf);
  }

  private Optional<Caller> callerOf(String token) {
    Optional<Caller> found = Optional.empty();
    // Through all of them, so that the time does not tell which one it was.
    for (TokenEntry entry : file.orElseThrow().current()) {
      if (entry.matches(token)) {
        found = Optional.of(entry.caller());
      }
    }
    return found;
  }

  private static Optional<String> token(String authorization, String apiKey) {
    String token = apiKey;
    if (authorization != null) {
      token =
          authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)
              ? authorization.substring(SCHEME.length()).strip()
              : null;
    }
    return Optional.ofNullable(token).filter(t -> !t.isEmpty() && t.length() <= LONGEST_TOKEN);
  }

  private static List<TokenEntry> read(Path path) {
    List<TokenEntry> entries = TokenFile.read(path);
    if (entries.isEmpty()) {
      LOG.warn("Token file {} has no token any more: nobody gets in until it has one", path);
    } else {
      LOG.info("Read {} tokens from {}", entries.size(), path);
    }
    return entries;
  }
}
