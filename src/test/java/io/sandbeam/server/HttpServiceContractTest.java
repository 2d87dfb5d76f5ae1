package io.sandbeam.server;

import io.sandbeam.service.Capability;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The whole contract through our client, our server, and real sandboxes of this machine. */
class HttpServiceContractTest extends SandboxServiceContract {
  private static SandbeamServer server;

  @BeforeAll
  static void startServer() {
    server = SandbeamServer.builder(SandboxServices.open("local")).bind("127.0.0.1", 0).start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  protected SandboxService open() {
    return SandboxServices.open(server.uri().toString());
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.LEASED_TO_OWNER));
  }
}
