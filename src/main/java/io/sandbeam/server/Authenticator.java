package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
 * Tells whose a token is. It looks at the token file at most once a second; a changed file counts
 * from then on, and one without an entry lets nobody in. A broken or missing one is logged, the
 * tokens read before stay good, and each look tries again. Thread-safe.
 *
 * <p>A file that lacks tokens may be one that is being written in place: what it has counts at
 * once, and what it lacks stays good until the file has not changed for {@link #SETTLED}, or for
 * {@link #LONGEST_DOUBT} at the most.
 */
final class Authenticator {
  private static final Logger LOG = LoggerFactory.getLogger(Authenticator.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** Above the time between two writes of one rewriting; what is taken back is so much later. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  /** A file that changes all the time is believed then, or nothing could be taken back. */
  private static final Duration LONGEST_DOUBT = Duration.ofSeconds(10);

  private static final String SCHEME = "bearer ";
  private static final int LONGEST_TOKEN = 512;

  private final Optional<Path> file;
  private final Clock clock;

  // Guarded by this.
  private List<TokenEntry> entries;
  private Optional<Stamp> stamp;
  private Instant looked;
  private Instant stampSince = Instant.MIN;

  /** Entries that the file lacks now, and that stay good until it has settled. */
  private List<TokenEntry> doubtful = List.of();

  private Instant doubtSince = Instant.MIN;

  /** Why the last read failed. What mends a file, such as chmod, need not change its stamp. */
  private Optional<String> problem = Optional.empty();

  /** What changes when a file does, a replaced one included. */
  private record Stamp(Instant modified, long size, String key) {}

  private Authenticator(Optional<Path> file, Clock clock) {
    this.file = file;
    this.clock = clock;
    this.stamp = file.flatMap(Authenticator::stampOf);
    this.entries = file.map(TokenFile::readSome).orElse(List.of());
    this.looked = clock.instant();
  }

  /** By the tokens of a file. */
  static Authenticator of(Path file, Clock clock) {
    return new Authenticator(Optional.of(file), clock);
  }

  /** Everybody is {@link Caller#LOCAL}: for a server that only this machine can reach. */
  static Authenticator none() {
    return new Authenticator(Optional.empty(), Clock.systemUTC());
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
    for (TokenEntry entry : current()) {
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

  private synchronized List<TokenEntry> current() {
    Instant now = clock.instant();
    if (now.isBefore(looked.plus(LOOK_EVERY))) {
      return good();
    }
    looked = now;
    Path path = file.orElseThrow();
    Optional<Stamp> seen = stampOf(path);
    if (problem.isPresent() || !seen.equals(stamp)) {
      if (!seen.equals(stamp)) {
        stampSince = now;
      }
      stamp = seen;
      read(path, now);
    }
    if (!doubtful.isEmpty() && problem.isEmpty() && isBelieved(path, now)) {
      LOG.info("{} tokens are taken back by {}", doubtful.size(), path);
      doubtful = List.of();
      warnIfNobodyGetsIn(path);
    }
    return good();
  }

  private List<TokenEntry> good() {
    return doubtful.isEmpty()
        ? entries
        : Stream.concat(doubtful.stream(), entries.stream()).toList();
  }

  private boolean isBelieved(Path path, Instant now) {
    return !doubtSince.isAfter(now.minus(LONGEST_DOUBT))
        || (isSettled(now) && stampOf(path).equals(stamp));
  }

  /** By the file's own time, or by ours where that is another clock's. */
  private boolean isSettled(Instant now) {
    Instant before = now.minus(SETTLED);
    return !stampSince.isAfter(before)
        || stamp.filter(seen -> !seen.modified().isAfter(before)).isPresent();
  }

  private void warnIfNobodyGetsIn(Path path) {
    if (entries.isEmpty()) {
      LOG.warn("Token file {} has no token any more: nobody gets in until it has one", path);
    }
  }

  private void read(Path path, Instant now) {
    List<TokenEntry> before = good();
    if (doubtful.isEmpty()) {
      doubtSince = now;
    }
    try {
      entries = TokenFile.read(path);
      problem = Optional.empty();
      doubtful =
          before.stream()
              .filter(known -> entries.stream().noneMatch(known::isOfSameToken))
              .toList();
      LOG.info("Read {} tokens from {}", entries.size(), path);
    } catch (SandboxException e) {
      // Read again at every look, and logged once.
      if (!problem.equals(Optional.of(e.getMessage()))) {
        LOG.error("Token file {} cannot be read; the tokens read before stay good", path, e);
      }
      problem = Optional.of(e.getMessage());
    }
  }

  private static Optional<Stamp> stampOf(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Stamp(now.lastModifiedTime().toInstant(), now.size(), String.valueOf(now.fileKey())));
    } catch (IOException e) {
      LOG.debug("No token file at {}", file, e);
      return Optional.empty();
    }
  }
}
