package io.sandbeam.server;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.EndpointNotFound;
import io.sandbeam.service.SandboxException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Which path leads where: the page, what machines ask a server about itself, and the API. */
final class Routes {
  private static final String EVERYTHING = "/<path>";
  private static final List<HandlerType> VERBS =
      List.of(
          HandlerType.GET,
          HandlerType.HEAD,
          HandlerType.POST,
          HandlerType.PUT,
          HandlerType.PATCH,
          HandlerType.DELETE,
          HandlerType.OPTIONS,
          HandlerType.TRACE);

  private final Gate gate;
  private final ApiHandler api;
  private final Page page;
  private final Metrics metrics;
  private final ServiceWatch watch;
  private final BooleanSupplier draining;
  private final ResponseWriter writer;
  private final String openApi;

  Routes(
      Gate gate,
      ApiHandler api,
      Page page,
      Metrics metrics,
      ServiceWatch watch,
      BooleanSupplier draining,
      ResponseWriter writer,
      String openApi) {
    this.gate = gate;
    this.api = api;
    this.page = page;
    this.metrics = metrics;
    this.watch = watch;
    this.draining = draining;
    this.writer = writer;
    this.openApi = openApi;
  }

  void register(RoutesConfig routes) {
    // HEAD, too: a load balancer may ask for no more.
    for (HandlerType verb : List.of(HandlerType.GET, HandlerType.HEAD)) {
      routes.addHttpHandler(
          verb, "/", context -> Page.file(context, "page.html", "text/html; charset=utf-8"));
      routes.addHttpHandler(verb, "/healthz", this::health);
      routes.addHttpHandler(
          verb,
          "/openapi.json",
          context -> context.contentType("application/json").result(openApi));
      routes.addHttpHandler(verb, "/metrics", this::metrics);
    }
    routes.get("/page.js", context -> Page.file(context, "page.js", "text/javascript"));
    routes.get("/page.css", context -> Page.file(context, "page.css", "text/css"));
    routes.get("/page/sandboxes", page::rows);
    VERBS.forEach(verb -> routes.addHttpHandler(verb, EVERYTHING, api::handle));
    // Verbs that nobody has heard of lead nowhere, and there to this.
    routes.exception(EndpointNotFound.class, (failure, context) -> api.refuse(context));
    routes.exception(
        Exception.class, (failure, context) -> writer.write(context, Failures.tell(failure)));
  }

  /** Says whether it serves; a service that is down for now is told and does not make it unfit. */
  private void health(Context context) {
    boolean fit = !draining.getAsBoolean();
    context
        .status(fit ? 200 : 503)
        .contentType("application/json")
        .result(
            "{\"status\":\""
                + (fit ? "ok" : "stopping")
                + "\",\"service\":\""
                + (watch.healthy() ? "ok" : "unavailable")
                + "\"}");
  }

  private void metrics(Context context) {
    try {
      gate.admit(context);
      context.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.text());
    } catch (Failures.Refusal | SandboxException e) {
      writer.write(context, Failures.tell(e));
    }
  }
}
