package io.sandbeam.server;

import io.sandbeam.service.ListSnapshotsRequest;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.SnapshotPage;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The snapshots of one caller, by what the ledger knows of them: a list of the service's would hold
 * those of all, and cost whoever asks as much as all of them have. Thread-safe.
 */
final class OwnSnapshots {
  private static final String MARK = "id:";

  private final SandboxService service;
  private final Ledger ledger;

  OwnSnapshots(SandboxService service, Ledger ledger) {
    this.service = service;
    this.ledger = ledger;
  }

  /** One page, in the order of the ids; with a filter it may be short, or empty. */
  CompletableFuture<SnapshotPage> page(Caller caller, ListSnapshotsRequest asked) {
    String after = asked.pageToken().map(OwnSnapshots::parse).orElse("");
    List<String> some = ledger.snapshotsOf(caller.name(), after, asked.pageSize() + 1);
    List<String> ids = some.subList(0, Math.min(some.size(), asked.pageSize()));
    Optional<String> next =
        some.size() > ids.size() ? Optional.of(token(ids.get(ids.size() - 1))) : Optional.empty();
    List<CompletableFuture<Optional<Snapshot>>> calls = ids.stream().map(this::find).toList();
    return CompletableFuture.allOf(calls.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                new SnapshotPage(
                    calls.stream()
                        .flatMap(call -> call.join().stream())
                        .filter(one -> isFrom(one, asked.sourceSandboxId()))
                        .toList(),
                    next));
  }

  private static boolean isFrom(Snapshot snapshot, Optional<String> source) {
    return source.map(snapshot.sourceSandboxId()::equals).orElse(true);
  }

  private CompletableFuture<Optional<Snapshot>> find(String id) {
    return Futures.recover(
        service.getSnapshot(id).thenApply(Optional::of),
        SandboxSnapshotException.class,
        failure -> {
          if (failure.reason() != SandboxSnapshotException.Reason.NOT_FOUND) {
            return CompletableFuture.failedFuture(failure);
          }
          ledger.snapshotGone(id);
          return CompletableFuture.completedFuture(Optional.empty());
        });
  }

  private static String token(String id) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((MARK + id).getBytes(StandardCharsets.UTF_8));
  }

  private static String parse(String token) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      if (plain.startsWith(MARK)) {
        return plain.substring(MARK.length());
      }
    } catch (IllegalArgumentException notBase64) {
      throw PageToken.invalid();
    }
    throw PageToken.invalid();
  }
}
