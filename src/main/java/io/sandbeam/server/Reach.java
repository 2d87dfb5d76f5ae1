package io.sandbeam.server;

import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.Tag;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * What a caller may see and end: its own. What it may not, does not exist for it: the answer is the
 * same as for an id that never was. Thread-safe.
 */
final class Reach {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

  private final SandboxService service;
  private final Ledger ledger;

  Reach(SandboxService service, Ledger ledger) {
    this.service = service;
    this.ledger = ledger;
  }

  /**
   * Refuses what cannot be an id.
   *
   * @throws SandboxValidationException naming the field
   */
  static String requireId(String field, String id) {
    if (!ID.matcher(id).matches()) {
      String shown = id.length() > 80 ? id.substring(0, 80) + "…" : id;
      throw new SandboxValidationException(
          field,
          "Invalid "
              + field
              + " '"
              + shown.replaceAll("\\p{Cntrl}", "?")
              + "': 1 to 128 characters of A-Z a-z 0-9 . _ -, the first a letter or digit");
    }
    return id;
  }

  /** Completes when the sandbox exists for the caller; fails with NOT_FOUND otherwise. */
  CompletableFuture<Void> sandbox(Caller caller, String id) {
    requireId("sandboxId", id);
    if (caller.isAdmin()) {
      return CompletableFuture.completedFuture(null);
    }
    return ledger
        .get(id)
        .map(entry -> CompletableFuture.completedFuture(entry.owner()))
        .orElseGet(() -> ownerByService(id))
        .thenAccept(
            owner -> {
              if (!owner.equals(caller.name())) {
                throw new SandboxNotFoundException(id);
              }
            });
  }

  private CompletableFuture<String> ownerByService(String id) {
    return service
        .get(id)
        .thenApply(
            info -> {
              ledger.seen(info);
              return OwnerTag.ownerOf(info.spec()).orElse("");
            });
  }

  /** Refuses a snapshot that does not exist for the caller. */
  void snapshot(Caller caller, String id) {
    if (!sees(caller, id)) {
      throw new SandboxSnapshotException(
          SandboxSnapshotException.Reason.NOT_FOUND, "Snapshot '" + id + "' not found", null);
    }
  }

  private boolean sees(Caller caller, String snapshotId) {
    return caller.isAdmin()
        || ledger.snapshotOwner(snapshotId).filter(caller.name()::equals).isPresent();
  }

  /**
   * The tags by which a service is asked for what the caller may see. An admin may ask by owner;
   * nobody else may name an owner, since the answers do not show any.
   */
  static Set<Tag> filter(Caller caller, Set<Tag> wanted) {
    Set<Tag> tags = new LinkedHashSet<>(wanted);
    if (!caller.isAdmin()) {
      refuseOwnerTags("tags", wanted);
      tags.add(OwnerTag.of(caller.name()));
    }
    return tags;
  }

  static void refuseOwnerTags(String field, Set<Tag> tags) {
    tags.stream()
        .filter(OwnerTag::is)
        .findFirst()
        .ifPresent(
            tag -> {
              throw new SandboxValidationException(
                  field,
                  "Invalid tag '" + tag + "': tags that start with owner. are the server's own");
            });
  }
}
