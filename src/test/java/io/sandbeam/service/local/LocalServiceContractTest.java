package io.sandbeam.service.local;

import io.sandbeam.service.Capability;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;
import java.util.EnumSet;
import java.util.Set;

class LocalServiceContractTest extends SandboxServiceContract {
  @Override
  protected SandboxService open() {
    return SandboxServices.open("local");
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.SERVES_ANY_CLIENT));
  }
}
