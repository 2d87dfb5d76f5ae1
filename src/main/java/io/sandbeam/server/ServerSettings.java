package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** What a {@link SandbeamServer} was told to be. */
record ServerSettings(
    SandboxService service,
    String host,
    int port,
    Optional<Path> tokens,
    Optional<Path> templates,
    Optional<TlsFiles> tls,
    Optional<Path> state,
    Optional<Path> accessLog,
    Limits limits,
    Clock clock) {

  ServerSettings {
    boolean open = tokens.isEmpty();
    if (open && !isLoopback(host)) {
      throw new SandboxException(
          "Without a token file everybody who reaches the server may use it, so it does not listen on '"
              + host
              + "': make tokens with `sandbeam token`, or listen on 127.0.0.1");
    }
  }

  /** Where it is reached when it listens on this port. */
  URI uri(int listening) {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return URI.create((tls.isPresent() ? "https://" : "http://") + name + ":" + listening);
  }

  /** Whether what it says can be read on the way. */
  boolean inClear() {
    return tls.isEmpty() && !isLoopback(host);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new SandboxException("Cannot listen on '" + host + "': " + e.getMessage(), e);
    }
  }
}
