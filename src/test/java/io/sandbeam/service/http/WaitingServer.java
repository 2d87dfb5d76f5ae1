package io.sandbeam.service.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;

/** A server that takes every request, answers none, and holds no thread for any. */
final class WaitingServer implements AutoCloseable {
  private final HttpServer server;
  private final Deque<HttpExchange> waiting = new ArrayDeque<>();

  WaitingServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 500);
    server.createContext(
        "/",
        exchange -> {
          byte[] unused = exchange.getRequestBody().readAllBytes();
          synchronized (this) {
            waiting.add(exchange);
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
