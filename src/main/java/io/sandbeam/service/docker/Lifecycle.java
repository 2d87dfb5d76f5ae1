package io.sandbeam.service.docker;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.leased.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The state of one sandbox, how it came to it, and what may be done in it. Values only: nothing
 * waits under its monitor, and nothing else is called from there. Times are by the engine's clock.
 * Thread-safe.
 */
final class Lifecycle {
  private final String id;
  private final SandboxSpec spec;
  private final String host;
  private final Map<String, String> limitsInForce;
  private final long bornNanos = System.nanoTime();

  private SandboxState state = SandboxState.CREATING;
  private String reason = "";
  private Instant createTime;
  private Optional<Instant> startTime = Optional.empty();
  private Optional<Instant> endTime = Optional.empty();
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<Ending> ending = Optional.empty();
  private boolean ready;
  private boolean setUpBegan;
  private boolean killed;

  /** Why it ends. */
  record Ending(SandboxState state, String reason, OptionalInt exitCode) {
    static Ending stopped() {
      return new Ending(SandboxState.TERMINATED, "", OptionalInt.empty());
    }

    static Ending failed(String reason) {
      return new Ending(SandboxState.FAILED, reason, OptionalInt.empty());
    }
  }

  Lifecycle(ContainerPlan plan, Instant createTime, String host) {
    this.id = plan.name();
    this.spec = plan.spec();
    this.limitsInForce = plan.limitsInForce();
    this.createTime = createTime;
    this.host = host;
  }

  synchronized SandboxInfo info() {
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

  Duration remaining() {
    return spec.maxLifetime().minusNanos(System.nanoTime() - bornNanos);
  }

  /** The engine has told when it was made, and when it was started. */
  synchronized void times(Instant created, Optional<Instant> started) {
    createTime = created;
    startTime = started;
  }

  /** Its process 1 takes commands. */
  synchronized void ready() {
    ready = true;
  }

  synchronized boolean isReady() {
    return ready;
  }

  /** Whether it ever ran. */
  synchronized boolean started() {
    return startTime.isPresent() && ready;
  }

  /** Whether it can be set up now; true once. */
  synchronized boolean beginSetUp() {
    if (!started() || setUpBegan || state != SandboxState.CREATING || ending.isPresent()) {
      return false;
    }
    setUpBegan = true;
    return true;
  }

  /** It is usable; false when its end has begun before. */
  synchronized boolean run() {
    if (state != SandboxState.CREATING) {
      return false;
    }
    state = SandboxState.RUNNING;
    return true;
  }

  synchronized boolean isTerminal() {
    return state.isTerminal();
  }

  /** Whether its end has begun: it takes no more of the caller's commands. */
  synchronized boolean isOver() {
    return state.isTerminal() || ending.isPresent();
  }

  synchronized boolean accepts(Job.Kind kind) {
    return switch (state) {
      case RUNNING -> true;
      case CREATING, TERMINATING -> kind == Job.Kind.INTERNAL && ready && !killed;
      default -> false;
    };
  }

  /** Its end begins: the first cause counts. False when it has ended already. */
  synchronized boolean end(Ending cause) {
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
  synchronized boolean kill() {
    boolean first = !killed;
    killed = true;
    return first;
  }

  /** It has ended, for the cause that was given; empty when that was so before. */
  synchronized Optional<SandboxInfo> ended() {
    if (state.isTerminal()) {
      return Optional.empty();
    }
    Ending cause = ending.orElseGet(Ending::stopped);
    state = cause.state();
    reason = cause.reason();
    exitCode = cause.exitCode();
    endTime = Optional.of(createTime.plusNanos(System.nanoTime() - bornNanos));
    return Optional.of(info());
  }

  /** What it will be says more than that it ends: whether somebody deleted it. */
  synchronized SandboxNotRunningException notRunning() {
    String why = reason.isEmpty() ? ending.map(Ending::reason).orElse("") : reason;
    return new SandboxNotRunningException(id, ending.map(Ending::state).orElse(state), why);
  }
}
