package io.sandbeam.testing;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What lists show of a {@link SimulatedWorld}: the truth, or less than that. */
final class SimulatedLists {
  private static final int DEFAULT_PAGE = 100;

  private final SimulatedWorld world;
  private ListLag lag = ListLag.NONE;
  private int largestPage = DEFAULT_PAGE;
  private boolean repeatsToken;

  SimulatedLists(SimulatedWorld world) {
    this.world = world;
  }

  void lag(ListLag lag) {
    synchronized (world) {
      this.lag = lag;
    }
  }

  ListLag lag() {
    synchronized (world) {
      return lag;
    }
  }

  void largestPage(int entries) {
    synchronized (world) {
      largestPage = entries;
    }
  }

  void repeatToken() {
    synchronized (world) {
      repeatsToken = true;
    }
  }

  SandboxPage page(ListRequest request) {
    synchronized (world) {
      PageToken from =
          request
              .pageToken()
              .map(PageToken::parse)
              .orElseGet(() -> new PageToken(0, world.nextList()));
      if (repeatsToken) {
        from = new PageToken(0, from.list());
      }
      int size = Math.min(request.pageSize() == 0 ? largestPage : request.pageSize(), largestPage);
      Instant now = world.time.now();
      List<SandboxInfo> page = new ArrayList<>();
      long last = from.after();
      for (SimulatedSandbox sandbox : world.after(from.after())) {
        Optional<SandboxInfo> shown = shown(sandbox, request, from.list(), now);
        if (shown.isPresent() && page.size() == size) {
          return new SandboxPage(page, Optional.of(new PageToken(last, from.list()).toString()));
        }
        if (shown.isPresent()) {
          page.add(shown.get());
          last = sandbox.number;
        }
      }
      return new SandboxPage(
          page,
          repeatsToken
              ? Optional.of(new PageToken(last, from.list()).toString())
              : Optional.empty());
    }
  }

  private Optional<SandboxInfo> shown(
      SimulatedSandbox sandbox, ListRequest request, long list, Instant now) {
    if (!sandbox.spec.tags().containsAll(request.tags())
        || !world.kept(sandbox, now)
        || !lag.knowsBirth(sandbox, list, now)) {
      return Optional.empty();
    }
    boolean stale = !sandbox.live() && !lag.knowsEnd(sandbox, list, now);
    SandboxInfo info = stale ? sandbox.staleInfo() : sandbox.info();
    return request.shows(info.state()) ? Optional.of(info) : Optional.empty();
  }
}
