package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Reason;
import io.sandbeam.service.http.wire.RpcStatus;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one HTTP request to the API through gate, route and call to its answer. */
final class ApiHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final int METHOD_NOT_ALLOWED = 405;

  private final Gate gate;
  private final RequestReader reader;
  private final ApiCalls calls;
  private final ResponseWriter writer;
  private final InFlight inFlight;
  private final Executor answers;

  /**
   * @param answers writes answers: a service's own threads are not for slow clients
   */
  ApiHandler(
      Gate gate,
      RequestReader reader,
      ApiCalls calls,
      ResponseWriter writer,
      InFlight inFlight,
      Executor answers) {
    this.gate = gate;
    this.reader = reader;
    this.calls = calls;
    this.writer = writer;
    this.inFlight = inFlight;
    this.answers = answers;
  }

  void handle(Context context) {
    inFlight.begin();
    Peer.whenAnswered(context, inFlight::end);
    CompletableFuture<ApiAnswer> answer;
    try {
      answer = calls.call(read(context));
    } catch (IOException e) {
      answer = CompletableFuture.failedFuture(brokenOff(e));
    } catch (RuntimeException | Error e) {
      // An error, too, has a caller who waits and a count that must go down again.
      answer = CompletableFuture.failedFuture(e);
    }
    CompletableFuture<ApiAnswer> called = answer;
    // Only in here is the exchange asynchronous, so that another thread may touch its answer.
    context.future(
        () ->
            called.handleAsync(
                (message, failure) -> {
                  write(context, message, failure);
                  return null;
                },
                answers));
  }

  /** Answers to a verb that leads nowhere, as to any other. */
  void refuse(Context context) {
    RuntimeException why;
    try {
      Caller unused = gate.admit(context);
      why = refusal(context, route(context));
    } catch (RuntimeException e) {
      why = e;
    }
    writer.write(context, Failures.tell(why));
  }

  private static MethodRouter.Route route(Context context) {
    return MethodRouter.route(context.req().getMethod(), context.req().getRequestURI());
  }

  private ApiRequest read(Context context) throws IOException {
    Caller caller = gate.admit(context);
    ApiMethod method;
    String id;
    MethodRouter.Route route = route(context);
    if (route instanceof MethodRouter.Route.Found found) {
      method = found.method();
      id = found.id();
    } else {
      throw refusal(context, route);
    }
    Exchange exchange = Exchange.of(context);
    exchange.rpc = method.rpc();
    ApiRequest request = reader.read(context, method, caller, id);
    if (method.idName().isPresent()) {
      exchange.sandboxId = Reach.requireId(method.idName().get(), id);
    }
    return request;
  }

  private static RuntimeException refusal(Context context, MethodRouter.Route route) {
    if (route instanceof MethodRouter.Route.WrongVerb wrong) {
      String allowed = wrong.allowed().stream().map(Enum::name).collect(Collectors.joining(", "));
      context.header("Allow", allowed);
      return new Failures.Refusal(
          RpcStatus.of(RpcStatus.Code.UNIMPLEMENTED, "This path takes " + allowed),
          METHOD_NOT_ALLOWED);
    } else if (route instanceof MethodRouter.Route.NotImplemented) {
      return new Failures.Refusal(
          RpcStatus.of(RpcStatus.Code.UNIMPLEMENTED, "Not implemented by this server")
              .because(Reason.NOT_IMPLEMENTED, Map.of()));
    }
    return new Failures.Refusal(
        RpcStatus.of(RpcStatus.Code.NOT_FOUND, "No such path: /openapi.json lists all of them"));
  }

  private void write(Context context, ApiAnswer message, Throwable failure) {
    try {
      if (failure == null) {
        writer.write(context, message);
      } else {
        writer.write(context, Failures.tell(failure));
      }
    } catch (RuntimeException e) {
      LOG.error("An answer to {} could not be written", Exchange.of(context).rpc, e);
    } finally {
      Exchange.of(context).end();
    }
  }

  /** The client stopped sending: there is nobody to tell, but the log. */
  private static RuntimeException brokenOff(IOException e) {
    LOG.debug("A request broke off", e);
    RpcStatus.Code code =
        e instanceof MinimumRate.TooSlowException
            ? RpcStatus.Code.DEADLINE_EXCEEDED
            : RpcStatus.Code.CANCELLED;
    return new Failures.Refusal(
        RpcStatus.of(code, "The request broke off or came too slowly: " + e.getMessage()), 408);
  }
}
