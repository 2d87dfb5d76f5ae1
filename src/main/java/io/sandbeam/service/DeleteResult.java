package io.sandbeam.service;

import java.util.List;
import java.util.Optional;

/**
 * What a delete found.
 *
 * @param sandbox as it stands now; empty when it was missing and that was ok
 * @param snapshotIds one for each requested volume, in that order
 */
public record DeleteResult(Optional<SandboxInfo> sandbox, List<String> snapshotIds) {
  public DeleteResult {
    snapshotIds = List.copyOf(snapshotIds);
  }
}
