package io.sandbeam.testing;

import io.sandbeam.service.ExecResult;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** One sandbox that is not there. Guarded by its world's lock. */
final class SimulatedSandbox {
  static final String HOST = "simulated-host";

  final long number;
  final String id;
  final SandboxSpec spec;
  final Instant createTime;

  /** How many lists had been made when it came, and when it ended: what a lagging list needs. */
  final long bornAtList;

  long endedAtList = Long.MAX_VALUE;

  final Map<String, byte[]> files = new TreeMap<>();
  final List<CompletableFuture<ExecResult>> running = new ArrayList<>();
  SimulatedTime.Cancellation lease = () -> {};
  SandboxState state = SandboxState.CREATING;
  String reason = "";
  Instant startTime;
  Instant endTime;
  Integer exitCode;
  boolean stuck;

  SimulatedSandbox(long number, String id, SandboxSpec spec, Instant createTime, long bornAtList) {
    this.number = number;
    this.id = id;
    this.spec = spec;
    this.createTime = createTime;
    this.bornAtList = bornAtList;
    files.putAll(spec.files());
  }

  boolean live() {
    return !state.isTerminal();
  }

  SandboxInfo info() {
    return new SandboxInfo(
        id,
        spec,
        state,
        reason,
        createTime,
        Optional.ofNullable(startTime),
        Optional.ofNullable(endTime),
        exitCode == null ? OptionalInt.empty() : OptionalInt.of(exitCode),
        spec.maxLifetime(),
        HOST,
        Map.of());
  }

  /** As a list that has not heard of the end yet shows it. */
  SandboxInfo staleInfo() {
    return new SandboxInfo(
        id,
        spec,
        SandboxState.RUNNING,
        "",
        createTime,
        Optional.ofNullable(startTime),
        Optional.empty(),
        OptionalInt.empty(),
        spec.maxLifetime(),
        HOST,
        Map.of());
  }
}
