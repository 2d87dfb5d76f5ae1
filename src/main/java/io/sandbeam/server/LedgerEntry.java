package io.sandbeam.server;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One sandbox as the server remembers it.
 *
 * @param number in the order of the ledger
 * @param origin where it came from
 * @param info as last seen, without values of variables and contents of files
 * @param source who still knows it
 * @param lastCommand what ran in it last; not kept over a restart
 * @param bytes about as many of memory does its spec take, in the service while that knows it
 */
record LedgerEntry(
    long number,
    Origin origin,
    SandboxInfo info,
    Source source,
    Optional<LastCommand> lastCommand,
    long bytes) {

  /** Who still knows a sandbox. */
  enum Source {
    /** The service: ask it. */
    SERVICE,
    /**
     * Only the ledger: the service has forgotten it, or is another one since a restart; or it lives
     * and the service is still making it.
     */
    LEDGER
  }

  String id() {
    return info.id();
  }

  String owner() {
    return origin.owner();
  }

  Optional<String> requestKey() {
    return origin.requestKey();
  }

  boolean live() {
    return !info.isTerminal();
  }

  /** Whether its caller knows of it, and the service has not told of it yet. */
  boolean onlyPromised() {
    return live() && source == Source.LEDGER;
  }

  /** As the service tells of it. */
  LedgerEntry withInfo(SandboxInfo newer) {
    return new LedgerEntry(number, origin, redacted(newer), Source.SERVICE, lastCommand, bytes);
  }

  LedgerEntry terminating() {
    SandboxInfo ending =
        inState(info, SandboxState.TERMINATING, info.stateReason(), info.endTime());
    return new LedgerEntry(number, origin, ending, source, lastCommand, bytes);
  }

  LedgerEntry withLastCommand(LastCommand command) {
    return new LedgerEntry(number, origin, info, source, Optional.of(command), bytes);
  }

  /** The service does not know it: what has not ended before, has ended by now. */
  LedgerEntry knownHereOnly(String reason, Instant now) {
    SandboxInfo last = live() ? inState(info, SandboxState.FAILED, reason, Optional.of(now)) : info;
    return new LedgerEntry(
        number, origin, last, Source.LEDGER, lastCommand, SpecWeight.of(last.spec()));
  }

  private static SandboxInfo inState(
      SandboxInfo info, SandboxState state, String reason, Optional<Instant> endTime) {
    return new SandboxInfo(
        info.id(),
        info.spec(),
        state,
        reason,
        info.createTime(),
        info.startTime(),
        endTime,
        info.exitCode(),
        info.effectiveMaxLifetime(),
        info.host(),
        info.limitsInForce());
  }

  /** Without what may be secret or large: values of variables, contents of files. */
  static SandboxInfo redacted(SandboxInfo info) {
    SandboxSpec spec = info.spec();
    if (spec.env().isEmpty() && spec.files().isEmpty()) {
      return info;
    }
    SandboxSpec.Builder bare = spec.toBuilder();
    spec.env().keySet().forEach(name -> bare.env(Map.of(name, "")));
    spec.files().keySet().forEach(path -> bare.file(path, new byte[0]));
    return info.withSpec(bare.build());
  }
}
