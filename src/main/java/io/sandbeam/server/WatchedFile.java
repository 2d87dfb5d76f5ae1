package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file says, read again when it changes. It is looked at when it is asked for, at most once
 * a second. While it is broken or missing, what it said before stays good: that is logged once, and
 * each look tries again. Thread-safe.
 */
final class WatchedFile<T> {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Path file;
  private final Clock clock;
  private final Function<Path, T> reader;

  // Guarded by this.
  private T value;
  private Optional<Stamp> stamp;
  private Instant looked;
  private Instant stampSince;

  /** Why the last read failed. What mends a file, such as chmod, need not change its stamp. */
  private Optional<String> problem = Optional.empty();

  /** What changes when a file does, a replaced one included. */
  private record Stamp(Instant modified, long size, String key) {}

  /**
   * Reads it for the first time.
   *
   * @param first reads it now; what it throws is thrown
   * @param reader reads it again; it throws a {@link SandboxException} for what cannot be used
   */
  WatchedFile(Path file, Clock clock, Function<Path, T> first, Function<Path, T> reader) {
    this.file = file;
    this.clock = clock;
    this.reader = reader;
    // Before the content: a change in between is seen by the next look.
    this.stamp = stampOf(file);
    this.value = first.apply(file);
    this.looked = clock.instant();
    this.stampSince = looked;
  }

  /**
   * What a look has seen.
   *
   * @param value what the file says now, or said when it could last be read
   * @param at the time
   * @param unchanged how long it has been so, by its own time, or by ours where that is another
   *     clock's; empty while it is broken, and when the last look was too short ago for another
   */
  record Seen<T>(T value, Instant at, Optional<Duration> unchanged) {}

  T current() {
    return look().value();
  }

  synchronized Seen<T> look() {
    Instant now = clock.instant();
    if (now.isBefore(looked.plus(LOOK_EVERY))) {
      return new Seen<>(value, now, Optional.empty());
    }
    looked = now;
    Optional<Stamp> seen = stampOf(file);
    if (!seen.equals(stamp)) {
      stampSince = now;
    }
    if (problem.isPresent() || !seen.equals(stamp)) {
      read();
      stamp = seen;
    }
    return new Seen<>(value, now, problem.isPresent() ? Optional.empty() : unchanged(now));
  }

  private Optional<Duration> unchanged(Instant now) {
    // It may have changed while it was read.
    if (stamp.isEmpty() || !stampOf(file).equals(stamp)) {
      return Optional.of(Duration.ZERO);
    }
    Instant modified = stamp.get().modified();
    return Optional.of(
        Duration.between(modified.isBefore(stampSince) ? modified : stampSince, now));
  }

  private void read() {
    try {
      value = reader.apply(file);
      problem = Optional.empty();
    } catch (SandboxException e) {
      // Read again at every look, and logged once.
      if (!problem.equals(Optional.of(e.getMessage()))) {
        LOG.error("{} cannot be read; what it said before stays good", file, e);
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
      LOG.debug("No file at {}", file, e);
      return Optional.empty();
    }
  }
}
