package io.sandbeam.service.leased;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.MissingOk;
import io.sandbeam.service.Paging;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What holds for snapshots wherever they are kept. Pure. */
public final class SnapshotRules {
  private SnapshotRules() {}

  /** Refuses a volume that no sandbox has. */
  public static void checkVolume(String volume) {
    if (!volume.equals(SandboxSpec.SCRATCH_VOLUME)) {
      throw new SandboxValidationException(
          "volume",
          "Unknown volume '" + volume + "': a sandbox has '" + SandboxSpec.SCRATCH_VOLUME + "'");
    }
  }

  public static SandboxSnapshotException notFound(String id) {
    return new SandboxSnapshotException(Reason.NOT_FOUND, "Snapshot '" + id + "' not found", null);
  }

  /**
   * The page that is asked for.
   *
   * @param all in any order
   * @param isId whether a page can begin there
   */
  public static SnapshotPage page(
      List<Snapshot> all, ListSnapshotsRequest request, Predicate<String> isId) {
    Paging.Page<Snapshot> page =
        Paging.page(
            all.stream()
                .filter(
                    one ->
                        request.sourceSandboxId().map(one.sourceSandboxId()::equals).orElse(true)),
            Snapshot::id,
            request.pageToken(),
            isId,
            request.pageSize());
    return new SnapshotPage(page.items(), page.next());
  }

  /** What a delete answers with: its last record, or null when it may be missing, and is. */
  public static Snapshot deleted(MissingOk missingOk, Supplier<Snapshot> delete) {
    try {
      return delete.get();
    } catch (SandboxSnapshotException e) {
      if (missingOk == MissingOk.YES && e.reason() == Reason.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }
}
