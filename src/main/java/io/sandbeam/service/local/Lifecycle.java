package io.sandbeam.service.local;

import io.sandbeam.service.SandboxInfo;
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
 * waits under its monitor, and nothing else is called from there. Thread-safe.
 */
final class Lifecycle {
  private final String id;
  private SandboxSpec spec;
  private final Instant createTime;
  private final String host;
  private final Map<String, String> limitsInForce;

  private SandboxState state = SandboxState.CREATING;
  private String reason = "";
  private Optional<Instant> startTime = Optional.empty();
  private Optional<Instant> endTime = Optional.empty();
  private OptionalInt exitCode = OptionalInt.empty();
  private Optional<Ending> ending = Optional.empty();
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

  Lifecycle(
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

  /** Without the contents of files: an ended sandbox is kept for a while, and they may be large. */
  static SandboxSpec withoutContents(SandboxSpec spec) {
    if (spec.files().isEmpty()) {
      return spec;
    }
    SandboxSpec.Builder bare = spec.toBuilder();
    spec.files().keySet().forEach(path -> bare.file(path, new byte[0]));
    return bare.build();
  }

  /** As asked for; once it has ended, without the contents of files. */
  synchronized SandboxSpec spec() {
    return spec;
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

  synchronized Duration remaining() {
    return Duration.between(Instant.now(), createTime.plus(spec.maxLifetime()));
  }

  synchronized boolean isTerminal() {
    return state.isTerminal();
  }

  /** Whether its end has begun: it takes no more of the caller's commands. */
  synchronized boolean isOver() {
    return state.isTerminal() || ending.isPresent();
  }

  synchronized boolean isKilled() {
    return killed;
  }

  synchronized boolean accepts(Job.Kind kind) {
    return switch (state) {
      case RUNNING -> true;
      case CREATING, TERMINATING -> kind == Job.Kind.INTERNAL && !killed;
      default -> false;
    };
  }

  /** It is usable; false when its end has begun before. */
  synchronized boolean run() {
    if (state != SandboxState.CREATING) {
      return false;
    }
    state = SandboxState.RUNNING;
    startTime = Optional.of(Instant.now());
    return true;
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

  /** Its processes are being killed: not even our own commands start any more. */
  synchronized void kill() {
    killed = true;
  }

  /** It has ended, for the cause that was given. */
  synchronized SandboxInfo ended() {
    Ending cause = ending.orElseThrow();
    state = cause.state();
    reason = cause.reason();
    exitCode = cause.exitCode();
    endTime = Optional.of(Instant.now());
    spec = withoutContents(spec);
    return info();
  }

  /** Why it has ended, or will; empty when nothing is wrong. */
  synchronized String why() {
    return reason.isEmpty() ? ending.map(Ending::reason).orElse("") : reason;
  }
}
