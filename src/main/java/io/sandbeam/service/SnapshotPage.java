package io.sandbeam.service;

import java.util.List;
import java.util.Optional;

/** One page of a list of snapshots; the last one has no next token. */
public record SnapshotPage(List<Snapshot> snapshots, Optional<String> nextPageToken) {
  public SnapshotPage {
    snapshots = List.copyOf(snapshots);
  }
}
