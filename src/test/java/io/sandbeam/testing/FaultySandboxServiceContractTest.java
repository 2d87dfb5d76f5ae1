package io.sandbeam.testing;

import io.sandbeam.service.Capability;
import io.sandbeam.service.ControlPlaneContract;
import io.sandbeam.service.SandboxService;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

/** The simulation keeps the contract, so a test that uses it proves something. */
class FaultySandboxServiceContractTest extends ControlPlaneContract {
  private final FaultySandboxService world = FaultySandboxService.inMemory();

  @Override
  protected SandboxService open() {
    return world.images("host").client();
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.of(Capability.SNAPSHOTS, Capability.SEALS);
  }

  @AfterEach
  void close() {
    world.close();
  }
}
