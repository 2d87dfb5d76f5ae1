package io.sandbeam.server;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.V1Status;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** ListSandboxes: what the service knows, then what only the ledger knows. Thread-safe. */
final class ListCall {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  private final SandboxService service;
  private final Ledger ledger;
  private final Shown shown;

  /** One page of a caller's sandboxes, as the service or the ledger has them. */
  record Page(List<SandboxInfo> sandboxes, Optional<PageToken> next) {}

  ListCall(SandboxService service, Ledger ledger) {
    this.service = service;
    this.ledger = ledger;
    this.shown = new Shown(ledger);
  }

  CompletableFuture<ApiAnswer> list(ApiRequest request) {
    Query query = request.query();
    V1Status.State state = query.state("state");
    ListRequest asked =
        new ListRequest(
            Reach.filter(request.caller(), tags(query.strings("tags"))),
            state == V1Status.State.STATE_UNSPECIFIED
                ? Optional.empty()
                : Optional.of(SandboxMapping.fromWire(state)),
            query.bool("showTerminated") ? ShowTerminated.YES : ShowTerminated.NO,
            pageSize(query.int32("pageSize")),
            Optional.empty());
    List<String> runners = query.strings("runnerIds");
    // Nothing here has a registered volume attached.
    boolean none = !query.strings("volumeIds").isEmpty();
    return page(asked, PageToken.parse(query.string("pageToken")))
        .thenApply(
            page ->
                ApiAnswer.of(
                    new V1.ListSandboxesResponse(
                        page.sandboxes().stream()
                            .filter(info -> !none)
                            .filter(info -> runners.isEmpty() || runners.contains(info.host()))
                            .map(shown::brief)
                            .toList(),
                        page.next().map(PageToken::toString).orElse(""))));
  }

  /** One page of what carries every tag of the request; who asks has been checked. */
  CompletableFuture<Page> page(ListRequest asked, PageToken from) {
    return from.afterNumber()
        .map(number -> CompletableFuture.completedFuture(ledgerPage(asked, number)))
        .orElseGet(
            () ->
                service
                    .list(from.serviceToken().map(asked::withPageToken).orElse(asked))
                    .thenApply(
                        page -> {
                          page.sandboxes().forEach(ledger::seen);
                          return new Page(
                              page.sandboxes(),
                              page.nextPageToken()
                                  .map(PageToken::ofService)
                                  .or(() -> ledgerPart(asked)));
                        }));
  }

  /** Where the ledger's part begins, if it holds anything of the list. */
  private Optional<PageToken> ledgerPart(ListRequest asked) {
    return ledger.after(0, wanted(asked), 1).isEmpty()
        ? Optional.empty()
        : Optional.of(PageToken.ofLedger(0));
  }

  private Page ledgerPage(ListRequest asked, long after) {
    List<LedgerEntry> some = ledger.after(after, wanted(asked), asked.pageSize() + 1);
    List<LedgerEntry> page = some.subList(0, Math.min(some.size(), asked.pageSize()));
    return new Page(
        page.stream().map(LedgerEntry::info).toList(),
        some.size() > page.size()
            ? Optional.of(PageToken.ofLedger(page.get(page.size() - 1).number()))
            : Optional.empty());
  }

  private static Predicate<LedgerEntry> wanted(ListRequest asked) {
    return entry -> {
      SandboxState state = entry.info().state();
      boolean shown =
          asked
              .state()
              .map(only -> only == state)
              .orElse(entry.live() || asked.showTerminated() == ShowTerminated.YES);
      return shown
          && entry.source() == LedgerEntry.Source.LEDGER
          && entry.info().spec().tags().containsAll(asked.tags());
    };
  }

  private static int pageSize(int asked) {
    if (asked < 0) {
      throw new SandboxValidationException(
          "pageSize", "Invalid pageSize " + asked + ": it is negative");
    }
    return asked == 0 ? DEFAULT_PAGE : Math.min(asked, LARGEST_PAGE);
  }

  /** Reads tags, and tells of each that is none. */
  static Set<Tag> tags(List<String> texts) {
    Set<Tag> tags = new LinkedHashSet<>();
    List<SandboxValidationException.Violation> violations = new java.util.ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      try {
        tags.add(Tag.of(texts.get(i)));
      } catch (SandboxValidationException e) {
        violations.add(new SandboxValidationException.Violation("tags[" + i + "]", e.getMessage()));
      }
    }
    if (!violations.isEmpty()) {
      throw new SandboxValidationException(violations.get(0).description(), violations);
    }
    return tags;
  }
}
