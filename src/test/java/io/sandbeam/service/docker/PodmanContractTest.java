package io.sandbeam.service.docker;

import io.sandbeam.service.Capability;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.testing.TestEngine;
import java.util.EnumSet;
import java.util.Set;

/** On Podman's Docker API, in an image with dash and coreutils. */
class PodmanContractTest extends SandboxServiceContract {
  @Override
  protected SandboxService open() {
    return SandboxServices.open(TestEngine.PODMAN.config(TestEngine.DEBIAN));
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.SERVES_ANY_CLIENT));
  }
}
