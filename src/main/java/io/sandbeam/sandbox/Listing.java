package io.sandbeam.sandbox;

import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxPage;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Tag;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** Walks all pages of a list, however many. A page token that comes twice is an error. */
final class Listing {
  private final SandboxService service;
  private final Timing timing;

  Listing(SandboxService service, Timing timing) {
    this.service = service;
    this.timing = timing;
  }

  /** Gives every active sandbox with all the tags to {@code each}; a failed page is tried again. */
  CompletableFuture<Void> all(Collection<Tag> tags, Consumer<SandboxInfo> each) {
    return walk(
        request ->
            new Retry(timing).run(RetryPolicy.CALLS, "list sandboxes", () -> service.list(request)),
        ListRequest.tagged(tags),
        page -> {
          page.sandboxes().forEach(each);
          return true;
        });
  }

  /** The first active sandbox that matches. No page is tried again. */
  CompletableFuture<Optional<SandboxInfo>> first(
      Collection<Tag> tags, Predicate<SandboxInfo> match) {
    AtomicReference<SandboxInfo> found = new AtomicReference<>();
    return walk(
            request ->
                new Retry(timing)
                    .once(
                        RetryPolicy.POLLS.callLimit(),
                        "list sandboxes",
                        () -> service.list(request)),
            ListRequest.tagged(tags),
            page -> {
              page.sandboxes().stream().filter(match).findFirst().ifPresent(found::set);
              return found.get() == null;
            })
        .thenApply(end -> Optional.ofNullable(found.get()));
  }

  private static CompletableFuture<Void> walk(
      Function<ListRequest, CompletableFuture<SandboxPage>> read,
      ListRequest first,
      Predicate<SandboxPage> wantsMore) {
    Set<String> tokens = new HashSet<>();
    AtomicReference<ListRequest> next = new AtomicReference<>(first);
    return AsyncLoop.whileTrue(
        () ->
            read.apply(next.get())
                .thenApply(
                    page -> {
                      boolean more = wantsMore.test(page);
                      if (page.nextPageToken().isEmpty() || !more) {
                        return false;
                      }
                      String token = page.nextPageToken().get();
                      if (!tokens.add(token)) {
                        throw new SandboxException(
                            "The list of sandboxes is broken: page token '"
                                + token
                                + "' came twice, so its pages go in a circle");
                      }
                      next.set(first.withPageToken(token));
                      return true;
                    }));
  }
}
