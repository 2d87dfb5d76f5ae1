package io.sandbeam.service.leased;

import io.sandbeam.service.ExecOutcome;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The state of one sandbox, how it came to it, and what may be done in it. Values only: nothing
 * waits under its monitor, and nothing else is called from there. Thread-safe.
 */
public abstract class Lifecycle {
  private final String id;
  private final String host;
  private final Map<String, String> limitsInForce;

  private SandboxSpec spec;
  private SandboxState state = SandboxState.CREATING;
  private String reason = "";
  private Instant createTime;
  private Optional<Instant> startTime = Optional.empty();
  private Optional<Instant> endTime = Optional.empty();
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<Ending> ending = Optional.empty();
  private boolean killed;

  /** Why it ends. */
  public record Ending(SandboxState state, String reason, OptionalInt exitCode) {
    /** Somebody asked for it. */
    public static Ending stopped() {
      return new Ending(SandboxState.TERMINATED, "", OptionalInt.empty());
    }

    /** It could not go on. */
    public static Ending failed(String reason) {
      return new Ending(SandboxState.FAILED, reason, OptionalInt.empty());
    }

    /** Its main process has ended. */
    public static Ending ofMain(Ended main) {
      int code = main.exitCode();
      String how = code == 0 ? "" : "its main process ended with exit code " + code;
      return new Ending(
          code == 0 ? SandboxState.COMPLETED : SandboxState.FAILED,
          main.outcome() == ExecOutcome.OUT_OF_MEMORY ? "its main process ran out of memory" : how,
          OptionalInt.of(code));
    }
  }

  protected Lifecycle(
      String id,
      SandboxSpec spec,
      Instant createTime,
      String host,
      Map<String, String> limitsInForce) {
    this.id = id;
    this.spec = spec;
    this.createTime = createTime;
    this.host = host;
    this.limitsInForce = limitsInForce;
  }

  /** The time by the clock of whatever carries it. */
  protected abstract Instant now();

  /** What is kept of its spec once it has ended; all of it, unless a service says otherwise. */
  protected SandboxSpec kept(SandboxSpec whole) {
    return whole;
  }

  /** When it was made, and when it was started. */
  public final synchronized void times(Instant created, Optional<Instant> started) {
    createTime = created;
    startTime = started;
  }

  protected final String id() {
    return id;
  }

  protected final synchronized SandboxState state() {
    return state;
  }

  protected final synchronized Instant createTime() {
    return createTime;
  }

  protected final synchronized Optional<Instant> startTime() {
    return startTime;
  }

  protected final synchronized Optional<Ending> ending() {
    return ending;
  }

  /** As asked for; once it has ended, what is kept of that. */
  public final synchronized SandboxSpec spec() {
    return spec;
  }

  /** How it stands now. */
  public final synchronized SandboxInfo info() {
    return new SandboxInfo(
        id,
        spec,
        state,
        reason,
        createTime,
        startTime,
        endTime,
        exitCode,
        spec.maxLifetime(),
        host,
        limitsInForce);
  }

  /** Until its lifetime is over; negative afterwards. */
  public final synchronized Duration remaining() {
    return Duration.between(now(), createTime.plus(spec.maxLifetime()));
  }

  public final synchronized boolean isTerminal() {
    return state.isTerminal();
  }

  /** Whether its end has begun: it takes no more of the caller's commands. */
  public final synchronized boolean isOver() {
    return state.isTerminal() || ending.isPresent();
  }

  public final synchronized boolean isKilled() {
    return killed;
  }

  /** Whether a job of this kind may start now. */
  public synchronized boolean accepts(Job.Kind kind) {
    return switch (state) {
      case RUNNING -> true;
      case CREATING, TERMINATING -> kind == Job.Kind.INTERNAL && !killed;
      default -> false;
    };
  }

  /** It is usable; false when its end has begun before. */
  public synchronized boolean run() {
    if (state != SandboxState.CREATING) {
      return false;
    }
    state = SandboxState.RUNNING;
    return true;
  }

  /** Its end begins: the first cause counts. False when it has ended already. */
  public final synchronized boolean end(Ending cause) {
    if (state.isTerminal()) {
      return false;
    }
    if (ending.isEmpty()) {
      ending = Optional.of(cause);
      state = SandboxState.TERMINATING;
    }
    return true;
  }

  /** Its processes are being killed: not even our own commands start any more. True once. */
  public final synchronized boolean kill() {
    boolean first = !killed;
    killed = true;
    return first;
  }

  /** It has ended, for the cause that was given; empty when that was so before. */
  public final synchronized Optional<SandboxInfo> ended() {
    if (state.isTerminal()) {
      return Optional.empty();
    }
    Ending cause = ending.orElseGet(Ending::stopped);
    state = cause.state();
    reason = cause.reason();
    exitCode = cause.exitCode();
    endTime = Optional.of(now());
    spec = kept(spec);
    return Optional.of(info());
  }

  /** Why it has ended, or will; empty when nothing is wrong. */
  public final synchronized String why() {
    return reason.isEmpty() ? ending.map(Ending::reason).orElse("") : reason;
  }
}
