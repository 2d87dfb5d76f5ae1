package io.sandbeam.server;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whose a token is, by what the token file says by now ({@link WatchedFile}): one without an
 * entry lets nobody in. Thread-safe.
 *
 * <p>A file that lacks tokens may be one that is being written in place: what it has counts at
 * once, and what it lacks stays good until the file has not changed for {@link #SETTLED}, or for
 * {@link #LONGEST_DOUBT} at the most.
 */
final class Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);

  /** Above the time between two writes of one rewriting; what is taken back is so much later. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /** A file that changes all the time is believed then, or nothing could be taken back. */
  private static final Duration LONGEST_DOUBT = Duration.ofSeconds(10);

  private static final String SCHEME = "bearer ";
  private static final int LONGEST_TOKEN = 512;

  private final Optional<WatchedFile<List<TokenEntry>>> file;

  // Guarded by this.
  private List<TokenEntry> entries = List.of();

  /** Entries that the file lacks now, and that stay good until it has settled. */
  private List<TokenEntry> doubtful = List.of();

  private Instant doubtSince = Instant.MIN;

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
    // An entry that the file has comes after a doubtful one, and beats it.
    for (TokenEntry entry : good()) {
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

  private synchronized List<TokenEntry> good() {
    WatchedFile.Seen<List<TokenEntry>> seen = file.orElseThrow().look();
    List<TokenEntry> now = seen.value();
    if (!now.equals(entries)) {
      if (doubtful.isEmpty()) {
        doubtSince = seen.at();
      }
      doubtful =
          Stream.concat(doubtful.stream(), entries.stream())
              .filter(known -> now.stream().noneMatch(known::isOfSameToken))
              .toList();
      entries = now;
    }
    if (!doubtful.isEmpty() && isBelieved(seen)) {
      LOG.info("{} tokens are taken back", doubtful.size());
      doubtful = List.of();
      if (entries.isEmpty()) {
        LOG.warn("The token file has no token any more: nobody gets in until it has one");
      }
    }
    return doubtful.isEmpty()
        ? entries
        : Stream.concat(doubtful.stream(), entries.stream()).toList();
  }

  private boolean isBelieved(WatchedFile.Seen<?> seen) {
    return seen.unchanged()
        .filter(
            quiet ->
                quiet.compareTo(SETTLED) >= 0
                    || !doubtSince.isAfter(seen.at().minus(LONGEST_DOUBT)))
        .isPresent();
  }

  private static List<TokenEntry> read(Path path) {
    List<TokenEntry> entries = TokenFile.read(path);
    LOG.info("Read {} tokens from {}", entries.size(), path);
    return entries;
  }
}
