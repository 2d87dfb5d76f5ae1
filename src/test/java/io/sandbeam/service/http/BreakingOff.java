package io.sandbeam.service.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server that hears the first words of each connection, and ends it without one of its own. */
final class BreakingOff implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BreakingOff.class);

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final AtomicInteger accepted = new AtomicInteger();

  BreakingOff() throws IOException {
    Thread thread = new Thread(this::serve, "breaking-off");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return socket.getLocalPort();
  }

  int accepted() {
    return accepted.get();
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept()) {
        accepted.incrementAndGet();
        int unused = connection.getInputStream().read(new byte[64 * 1024]);
        connection.shutdownOutput();
        // A close with words unheard would be a reset, which is another failure.
        byte[] unusedRest = connection.getInputStream().readAllBytes();
      } catch (IOException e) {
        LOG.debug("One connection less", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
