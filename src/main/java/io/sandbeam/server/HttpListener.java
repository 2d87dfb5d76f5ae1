package io.sandbeam.server;

import org.eclipse.jetty.io.Connection;
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
      Server server, HttpConfiguration http, ServerSettings settings, Connection.Listener heads) {
    long idle = settings.limits().idle().toMillis();
    http.setSendServerVersion(false);
    http.setIdleTimeout(idle);
    ServerConnector connector;
    if (settings.tls().isPresent()) {
      // Clients check our name; we need not check the one they ask for.
      http.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          new ServerConnector(
              server,
              new SslConnectionFactory(settings.tls().get().contextFactory(), "http/1.1"),
              new HttpConnectionFactory(http));
    } else {
      connector = new ServerConnector(server, new HttpConnectionFactory(http));
    }
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(idle);
    connector.addBean(heads);
    return connector;
  }
}
