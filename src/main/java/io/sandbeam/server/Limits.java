package io.sandbeam.server;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;

/**
 * What a server lets happen. Immutable.
 *
 * @param body the largest request body; 45 MiB, a file of 32 MiB in base64 and air
 * @param sandboxesPerCaller live at once, of one caller
 * @param sandboxes live at once, in all
 * @param requestsPerSecond of one caller, steadily
 * @param burst how many requests a rested caller may make at once
 * @param longestCommand after which a command is killed that names no limit, or a longer one
 * @param longestLifetime a spec that asks for more is refused
 * @param idle a connection on which nothing moves is closed
 * @param bytesPerSecond a client that sends or takes less on average is cut off
 * @param drain how long a stop waits for what is under way, before it ends all sandboxes
 * @param retention how long the record of an ended sandbox is kept
 */
public record Limits(
    ByteSize body,
    int sandboxesPerCaller,
    int sandboxes,
    double requestsPerSecond,
    int burst,
    Duration longestCommand,
    Duration longestLifetime,
    Duration idle,
    long bytesPerSecond,
    Duration drain,
    Duration retention) {

  /** What holds unless said otherwise. */
  public static final Limits DEFAULT =
      new Limits(
          ByteSize.ofMebibytes(45),
          2_000,
          5_000,
          2_000,
          4_000,
          Duration.ofHours(1),
          SandboxSpec.LONGEST_LIFETIME,
          Duration.ofSeconds(30),
          16 * 1024,
          Duration.ofSeconds(30),
          Duration.ofHours(1));

  public Limits {
    require(sandboxesPerCaller > 0 && sandboxes > 0, "sandboxes", "at least one");
    require(requestsPerSecond > 0 && burst > 0, "requestsPerSecond", "above zero");
    require(bytesPerSecond > 0, "bytesPerSecond", "above zero");
    for (Duration duration : new Duration[] {longestCommand, longestLifetime, idle, retention}) {
      require(!duration.isZero() && !duration.isNegative(), "durations", "above zero");
    }
    require(!drain.isNegative(), "drain", "not negative");
  }

  public Limits withBody(ByteSize size) {
    return new Limits(
        size,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        longestCommand,
        longestLifetime,
        idle,
        bytesPerSecond,
        drain,
        retention);
  }

  public Limits withSandboxes(int perCaller, int inAll) {
    return new Limits(
        body,
        perCaller,
        inAll,
        requestsPerSecond,
        burst,
        longestCommand,
        longestLifetime,
        idle,
        bytesPerSecond,
        drain,
        retention);
  }

  public Limits withRequests(double perSecond, int atOnce) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        perSecond,
        atOnce,
        longestCommand,
        longestLifetime,
        idle,
        bytesPerSecond,
        drain,
        retention);
  }

  public Limits withLongestCommand(Duration duration) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        duration,
        longestLifetime,
        idle,
        bytesPerSecond,
        drain,
        retention);
  }

  public Limits withLongestLifetime(Duration duration) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        longestCommand,
        duration,
        idle,
        bytesPerSecond,
        drain,
        retention);
  }

  public Limits withSlowClients(Duration idleFor, long leastBytesPerSecond) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        longestCommand,
        longestLifetime,
        idleFor,
        leastBytesPerSecond,
        drain,
        retention);
  }

  public Limits withDrain(Duration duration) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        longestCommand,
        longestLifetime,
        idle,
        bytesPerSecond,
        duration,
        retention);
  }

  public Limits withRetention(Duration duration) {
    return new Limits(
        body,
        sandboxesPerCaller,
        sandboxes,
        requestsPerSecond,
        burst,
        longestCommand,
        longestLifetime,
        idle,
        bytesPerSecond,
        drain,
        duration);
  }

  private static void require(boolean holds, String field, String rule) {
    if (!holds) {
      throw new SandboxValidationException(
          field, "Invalid limit " + field + ": it must be " + rule);
    }
  }
}
