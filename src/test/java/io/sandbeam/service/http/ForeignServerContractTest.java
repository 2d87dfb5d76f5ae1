package io.sandbeam.service.http;

import io.sandbeam.service.Capability;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The client keeps the contract with a server that knows only what is published: time limits,
 * directories and inputs are then kept by what the client sends into the sandbox.
 */
class ForeignServerContractTest extends SandboxServiceContract {
  private static ForeignServer server;

  @BeforeAll
  static void startServer() {
    server = new ForeignServer(SandboxServices.open("local"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Override
  protected SandboxService open() {
    return SandboxServices.open(server.url());
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.of(Capability.SNAPSHOTS, Capability.SERVES_ANY_CLIENT);
  }
}
