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
 * @param owner the name of the caller that created it; empty when it was not created here
 * @param requestKey the caller and the request id of its create, if it had one
 * @param fingerprint of the spec that came with that request id; empty without one
 * @param info as last seen, without values of variables and contents of files
 * @param source who still knows it
 * @param lastCommand what ran in it last; not kept over a restart
 * @param bytes about as many of memory does its spec take, in the service while that knows it
 */
record LedgerEntry(
    long number,
    String owner,
    Optional<String> requestKey,
    String fingerprint,
    SandboxInfo info,
    Source source,
    Optional<LastCommand> lastCommand,
    long bytes) {

  /** Who still knows a sandbox. */
  enum Source {
    /** The service: ask it. */
    SERVICE,
    /** Only the ledger: the service has forgotten it, or is another one since a restart. */
    LEDGER
  }

  String id() {
    return info.id();
  }

  boolean live() {
    return !info.isTerminal();
  }

  LedgerEntry withInfo(SandboxInfo newer) {
    return new LedgerEntry(
        number, owner, requestKey, fingerprint, redacted(newer), source, lastCommand, bytes);
  }

  LedgerEntry withLastCommand(LastCommand command) {
    return new LedgerEntry(
        number, owner, requestKey, fingerprint, info, source, Optional.of(command), bytes);
  }

  /** The service does not know it any more: what has not ended before, has ended by now. */
  LedgerEntry forgottenByService(Instant now) {
    SandboxInfo last = info;
    if (live()) {
      last =
          ended(
              info,
              SandboxState.FAILED,
              "The service no longer knows it: it ended when its server or host stopped",
              now);
    }
    return new LedgerEntry(
        number,
        owner,
        requestKey,
        fingerprint,
        last,
        Source.LEDGER,
        lastCommand,
        SpecWeight.of(last.spec()));
  }

  private static SandboxInfo ended(
      SandboxInfo info, SandboxState state, String reason, Instant now) {
    return new SandboxInfo(
        info.id(),
        info.spec(),
        state,
        reason,
        info.createTime(),
        info.startTime(),
        Optional.of(now),
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
