package io.sandbeam.service.http;

import io.sandbeam.server.Limits;
import io.sandbeam.server.SandbeamServer;
import io.sandbeam.service.Capability;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The client keeps the contract with a server of ours, which keeps time and counts processes. */
class SandbeamServerContractTest extends SandboxServiceContract {
  private static SandboxService local;
  private static SandbeamServer server;

  @BeforeAll
  static void startServer() {
    local = SandboxServices.open("local");
    server =
        SandbeamServer.builder(local)
            .bind("127.0.0.1", 0)
            .limits(Limits.DEFAULT.withRequests(10_000, 10_000))
            .start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
    local.close();
  }

  @Override
  protected SandboxService open() {
    return SandboxServices.open("http://127.0.0.1:" + server.port());
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.SNAPSHOTS,
        Capability.SERVES_ANY_CLIENT,
        Capability.COUNTS_LEFTOVERS,
        Capability.SEALS);
  }
}
