package io.sandbeam.service.docker;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.Paging;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxNotFoundException;
import io.sandbeam.service.SandboxPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds sandboxes: this process's own in memory, those of others by their containers. */
final class AllSandboxes {
  private final OwnSandboxes own;
  private final OtherSandboxes others;

  AllSandboxes(OwnSandboxes own, OtherSandboxes others) {
    this.own = own;
    this.others = others;
  }

  private Optional<SandboxInfo> find(String id) {
    return own.find(id).map(DockerSandbox::info).or(() -> others.find(id));
  }

  SandboxInfo get(String id) {
    return find(id).orElseThrow(() -> new SandboxNotFoundException(id));
  }

  SandboxPage list(ListRequest request) {
    Paging.Page<OtherSandboxes.Seen> page =
        Paging.page(
            everywhere(request),
            OtherSandboxes.Seen::id,
            request.pageToken(),
            OwnSandboxes::isId,
            request.pageSize());
    List<SandboxInfo> infos = new ArrayList<>();
    // One that ended just now is not there any more.
    page.items().forEach(seen -> find(seen.id()).ifPresent(infos::add));
    return new SandboxPage(infos, page.next());
  }

  /** Ours as we know them; those of others as the engine does. */
  Stream<OtherSandboxes.Seen> everywhere(ListRequest request) {
    List<OtherSandboxes.Seen> listed = others.list(request.tags());
    Stream<OtherSandboxes.Seen> ours =
        own.all().stream()
            .map(DockerSandbox::info)
            .filter(info -> info.spec().tags().containsAll(request.tags()))
            .map(info -> new OtherSandboxes.Seen(info.id(), info.state()));
    return Stream.concat(ours, listed.stream().filter(seen -> own.find(seen.id()).isEmpty()))
        .filter(seen -> request.shows(seen.state()));
  }

  /**
   * One of this process. Asks the engine only when it is not.
   *
   * @param what only its owner can do
   */
  DockerSandbox ownOrFail(String id, String what) {
    Optional<DockerSandbox> mine = own.find(id);
    if (mine.isPresent()) {
      return mine.get();
    }
    if (others.find(id).isEmpty()) {
      throw new SandboxNotFoundException(id);
    }
    throw OwnSandboxes.ofAnotherProcess(id, what);
  }
}
