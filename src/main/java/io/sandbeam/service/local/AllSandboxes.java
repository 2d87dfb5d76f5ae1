package io.sandbeam.service.local;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.Paging;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxNotRunningException;
import io.sandbeam.service.SandboxPage;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds sandboxes: this process's own in memory, those of others by their records. */
final class AllSandboxes {
  private final OwnSandboxes own;
  private final OtherOwners others;

  AllSandboxes(OwnSandboxes own, OtherOwners others) {
    this.own = own;
    this.others = others;
  }

  static boolean matches(SandboxInfo info, ListRequest request) {
    return info.spec().tags().containsAll(request.tags()) && request.shows(info.state());
  }

  SandboxPage list(ListRequest request) throws IOException {
    others.sweepDead();
    Paging.Page<SandboxInfo> page =
        Paging.page(
            everywhere().filter(info -> matches(info, request)),
            SandboxInfo::id,
            request.pageToken(),
            SandboxId::isValid,
            request.pageSize());
    return new SandboxPage(page.items(), page.next());
  }

  private Stream<SandboxInfo> everywhere() throws IOException {
    return Stream.concat(
        own.all().stream().map(LocalSandbox::info),
        others.all().stream().map(OtherOwners.Found::shown));
  }

  SandboxInfo get(String id) throws IOException {
    Optional<LocalSandbox> mine = own.find(id);
    return mine.isPresent() ? mine.get().info() : other(id).shown();
  }

  /** One of another owner; fails with {@link SandboxNotFoundException}. */
  OtherOwners.Found other(String id) throws IOException {
    if (SandboxId.isValid(id)) {
      others.sweepDead();
      Optional<OtherOwners.Found> found = others.find(id);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new SandboxNotFoundException(id);
  }

  /**
   * One of this process.
   *
   * @param what only its owner can do
   */
  LocalSandbox ownOrFail(String id, String what) throws IOException {
    Optional<LocalSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      return mine.get();
    }
    SandboxInfo other = other(id).record().info();
    if (other.isTerminal()) {
      throw new SandboxNotRunningException(id, other.state(), other.stateReason());
    }
    throw OwnSandboxes.ofAnotherProcess(id, what);
  }
}
