package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxInfo;
import java.util.List;
import java.util.Optional;

/**
 * What a stop did; the sandbox is gone.
 *
 * @param sandbox its last record, terminal; empty when there is none any more, or never was
 * @param snapshotIds of the snapshots the stop asked for; empty also when the sandbox had ended
 *     before one could be taken. Poll the service until they are ready
 * @param outcome how the stop found it
 */
public record StopResult(
    Optional<SandboxInfo> sandbox, List<String> snapshotIds, StopOutcome outcome) {
  public StopResult {
    snapshotIds = List.copyOf(snapshotIds);
  }
}
