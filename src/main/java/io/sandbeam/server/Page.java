package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.ServiceDescription;
import io.sandbeam.service.ShowTerminated;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The page for people: a shell without any data, and the rows as HTML for whoever shows a token.
 * There is no cookie and no second way to end a sandbox: its sweep button calls PurgeSandboxes.
 */
final class Page {
  private static final int MOST_ROWS = 500;
  private static final int PAGE_SIZE = 250;
  private static final int MOST_PAGES = 20;
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Gate gate;
  private final ListCall list;
  private final Ledger ledger;
  private final ServiceDescription service;
  private final ResponseWriter writer;
  private final Clock clock;
  private final Executor answers;

  Page(
      Gate gate,
      ListCall list,
      Ledger ledger,
      ServiceDescription service,
      ResponseWriter writer,
      Clock clock,
      Executor answers) {
    this.gate = gate;
    this.list = list;
    this.ledger = ledger;
    this.service = service;
    this.writer = writer;
    this.clock = clock;
    this.answers = answers;
  }

  /** Sends one of the page's own files. */
  static void file(Context context, String name, String contentType) {
    secure(context);
    context.contentType(contentType).result(resource(name));
  }

  /** Sends the rows that a filter lets through. */
  void rows(Context context) {
    secure(context);
    CompletableFuture<String> html;
    try {
      Caller caller = gate.admit(context);
      Set<Tag> tags = Reach.filter(caller, ListCall.tags(context.queryParams("tag")));
      ListRequest asked =
          new ListRequest(
              tags,
              Optional.empty(),
              "true".equals(context.queryParam("ended")) ? ShowTerminated.YES : ShowTerminated.NO,
              PAGE_SIZE,
              Optional.empty());
      html =
          gather(asked, PageToken.FIRST, new ArrayList<>(), MOST_PAGES)
              .thenApply(all -> render(caller, all));
      context.header("Sandbeam-Page-Title", title(caller));
    } catch (RuntimeException e) {
      html = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<String> rendered = html;
    context.future(
        () ->
            rendered.handleAsync(
                (rows, failure) -> {
                  if (failure == null) {
                    context.contentType("text/html; charset=utf-8").result(rows);
                  } else {
                    writer.write(context, Failures.tell(failure));
                  }
                  return null;
                },
                answers));
  }

  /** So many pages at the most: some may be empty, or those of a service go in a circle. */
  private CompletableFuture<List<SandboxInfo>> gather(
      ListRequest asked, PageToken from, List<SandboxInfo> all, int pages) {
    return list.page(asked, from)
        .thenCompose(
            page -> {
              all.addAll(page.sandboxes());
              boolean goOn = page.next().isPresent() && all.size() <= MOST_ROWS && pages > 1;
              return goOn
                  ? gather(asked, page.next().get(), all, pages - 1)
                  : CompletableFuture.completedFuture(all);
            });
  }

  private String render(Caller caller, List<SandboxInfo> all) {
    boolean more = all.size() > MOST_ROWS;
    List<SandboxInfo> shown = more ? all.subList(0, MOST_ROWS) : all;
    return new PageRows(
            caller, clock.instant(), id -> ledger.get(id).flatMap(LedgerEntry::lastCommand))
        .render(shown, more);
  }

  /** Percent-encoded: a header holds ASCII only. */
  private String title(Caller caller) {
    String who = gate.open() ? "no token needed from this machine" : "as " + caller.name();
    String where = String.join(", ", service.hosts());
    return URLEncoder.encode(
            service.name() + (where.isEmpty() ? "" : " on " + where) + ", " + who,
            StandardCharsets.UTF_8)
        .replace("+", "%20");
  }

  private static void secure(Context context) {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
  }

  private static byte[] resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the page's own file " + name, e);
    }
  }
}
