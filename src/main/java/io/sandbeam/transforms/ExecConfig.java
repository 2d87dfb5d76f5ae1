package io.sandbeam.transforms;

import com.google.auto.value.AutoValue;
import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.checkerframework.checker.nullness.qual.Nullable;

/** Everything a user says of one step. Immutable; each value is checked here, once. */
@AutoValue
abstract class ExecConfig implements Serializable {
  private static final long serialVersionUID = 1;

  /** What a sandbox lives longer than its command may: start-up, file transfer, a slow clock. */
  static final Duration LIFETIME_MARGIN = Duration.ofMinutes(1);

  /** Attempts of one command, the first included, when the infrastructure fails. */
  static final int DEFAULT_MAX_ATTEMPTS = 3;

  /** Commands of one reused sandbox; bounds what an unclean command can do to others. */
  static final int DEFAULT_MAX_REUSES = 200;

  abstract CommandTemplate template();

  abstract @Nullable String image();

  abstract Duration timeout();

  /** 0: the option's, or twice the worker's processors. */
  abstract int concurrency();

  abstract Isolation isolation();

  abstract Resources resources();

  abstract Network network();

  abstract List<String> tags();

  abstract @Nullable Duration maxLifetime();

  abstract int maxOutputBytes();

  abstract int maxAttempts();

  abstract int maxReuses();

  abstract Redistribution redistribution();

  static ExecConfig defaults(CommandTemplate template) {
    return new AutoValue_ExecConfig.Builder()
        .template(template)
        .timeout(ExecRequest.DEFAULT_TIMEOUT)
        .concurrency(0)
        .isolation(Isolation.ELEMENT)
        .resources(Resources.DEFAULT)
        .network(Network.NONE)
        .tags(List.of())
        .maxOutputBytes(ExecRequest.DEFAULT_MAX_OUTPUT_BYTES)
        .maxAttempts(DEFAULT_MAX_ATTEMPTS)
        .maxReuses(DEFAULT_MAX_REUSES)
        .redistribution(Redistribution.ARBITRARILY)
        .build();
  }

  abstract Builder toBuilder();

  /** How long a sandbox that runs one command of this time limit must be able to live. */
  static Duration needed(Duration timeout) {
    return timeout.plus(LIFETIME_MARGIN);
  }

  /** Checks what two values must be to each other. */
  ExecConfig validated() {
    Duration lifetime = maxLifetime();
    if (lifetime != null && lifetime.compareTo(needed(timeout())) < 0) {
      throw new IllegalArgumentException(
          "Invalid max lifetime "
              + Durations.format(lifetime)
              + ": a command may take "
              + Durations.format(timeout())
              + ", so it must be at least "
              + Durations.format(needed(timeout())));
    }
    if (needed(timeout()).compareTo(SandboxSpec.LONGEST_LIFETIME) > 0) {
      throw new IllegalArgumentException(
          "Invalid timeout " + Durations.format(timeout()) + ": a sandbox lives 30 days at most");
    }
    // Names of variables hold no field, so a bad one is bad for every element.
    Map<String, String> names = new TreeMap<>(template().env());
    names.replaceAll((name, value) -> "");
    ExecRequest.builder("true").env(names).build();
    return this;
  }

  @AutoValue.Builder
  abstract static class Builder {
    abstract Builder template(CommandTemplate template);

    abstract Builder image(@Nullable String image);

    abstract Builder timeout(Duration timeout);

    abstract Builder concurrency(int concurrency);

    abstract Builder isolation(Isolation isolation);

    abstract Builder resources(Resources resources);

    abstract Builder network(Network network);

    abstract Builder tags(List<String> tags);

    abstract Builder maxLifetime(@Nullable Duration lifetime);

    abstract Builder maxOutputBytes(int bytes);

    abstract Builder maxAttempts(int attempts);

    abstract Builder maxReuses(int reuses);

    abstract Builder redistribution(Redistribution redistribution);

    abstract ExecConfig build();
  }
}
