package io.sandbeam.server;

import io.javalin.http.Context;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;

/** The client at the other end of an exchange, which Javalin does not show. */
final class Peer {
  private Peer() {}

  /** Runs when the last byte of the answer has left, or never will. */
  static void whenAnswered(Context context, Runnable action) {
    Request.addCompletionListener(
        ServletContextRequest.getServletContextRequest(context.req()), failure -> action.run());
  }
}
