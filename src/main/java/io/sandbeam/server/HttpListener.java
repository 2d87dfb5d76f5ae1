package io.sandbeam.server;

import java.time.Duration;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;

/** The one place where the server listens. */
final class HttpListener {
  private HttpListener() {}

  static ServerConnector on(
      Server server,
      HttpConfiguration http,
      String host,
      int port,
      Optional<TlsFiles> tls,
      Duration idle) {
    http.setSendServerVersion(false);
    http.setIdleTimeout(idle.toMillis());
    ServerConnector connector;
    if (tls.isPresent()) {
      // Clients check our name; we need not check the one they ask for.
      http.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          new ServerConnector(
              server,
              new SslConnectionFactory(tls.get().contextFactory(), "http/1.1"),
              new HttpConnectionFactory(http));
    } else {
      connector = new ServerConnector(server, new HttpConnectionFactory(http));
    }
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(idle.toMillis());
    return connector;
  }
}
