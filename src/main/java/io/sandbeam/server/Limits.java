package io.sandbeam.server;

import io.sandbeam.service.ByteSize;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

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
    atLeastOne("sandboxes of one caller", sandboxesPerCaller);
    atLeastOne("sandboxes", sandboxes);
    require(requestsPerSecond > 0, "requests per second", requestsPerSecond, "above zero");
    atLeastOne("requests at once", burst);
    atLeastOne("bytes per second", bytesPerSecond);
    Map.of(
            "command",
            longestCommand,
            "lifetime",
            longestLifetime,
            "idle",
            idle,
            "records",
            retention)
        .forEach(
            (name, time) ->
                require(!time.isZero() && !time.isNegative(), name, time, "above zero"));
    require(!drain.isNegative(), "drain", drain, "zero or more");
  }

  public Limits withBody(ByteSize size) {
    return with(draft -> draft.body = size);
  }

  public Limits withSandboxes(int perCaller, int inAll) {
    return with(
        draft -> {
          draft.sandboxesPerCaller = perCaller;
          draft.sandboxes = inAll;
        });
  }

  public Limits withRequests(double perSecond, int atOnce) {
    return with(
        draft -> {
          draft.requestsPerSecond = perSecond;
          draft.burst = atOnce;
        });
  }

  public Limits withLongestCommand(Duration duration) {
    return with(draft -> draft.longestCommand = duration);
  }

  public Limits withLongestLifetime(Duration duration) {
    return with(draft -> draft.longestLifetime = duration);
  }

  public Limits withSlowClients(Duration idleFor, long leastBytesPerSecond) {
    return with(
        draft -> {
          draft.idle = idleFor;
          draft.bytesPerSecond = leastBytesPerSecond;
        });
  }

  public Limits withDrain(Duration duration) {
    return with(draft -> draft.drain = duration);
  }

  public Limits withRetention(Duration duration) {
    return with(draft -> draft.retention = duration);
  }

  /** How long a client may be slower than it may be. */
  Duration slowGrace() {
    return idle.dividedBy(3);
  }

  private Limits with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.limits();
  }

  private static void atLeastOne(String name, long value) {
    require(value >= 1, name, value, "at least one");
  }

  private static void require(boolean holds, String name, Object value, String rule) {
    if (!holds) {
      throw new SandboxValidationException(
          name, "Invalid limit " + name + " '" + value + "': it must be " + rule);
    }
  }

  /** Limits that are being changed. */
  private static final class Draft {
    private ByteSize body;
    private int sandboxesPerCaller;
    private int sandboxes;
    private double requestsPerSecond;
    private int burst;
    private Duration longestCommand;
    private Duration longestLifetime;
    private Duration idle;
    private long bytesPerSecond;
    private Duration drain;
    private Duration retention;

    private Draft(Limits limits) {
      body = limits.body;
      sandboxesPerCaller = limits.sandboxesPerCaller;
      sandboxes = limits.sandboxes;
      requestsPerSecond = limits.requestsPerSecond;
      burst = limits.burst;
      longestCommand = limits.longestCommand;
      longestLifetime = limits.longestLifetime;
      idle = limits.idle;
      bytesPerSecond = limits.bytesPerSecond;
      drain = limits.drain;
      retention = limits.retention;
    }

    private Limits limits() {
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
          retention);
    }
  }
}
