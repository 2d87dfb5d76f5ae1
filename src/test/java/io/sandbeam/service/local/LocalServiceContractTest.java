package io.sandbeam.service.local;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceContract;
import io.sandbeam.service.SandboxServices;

class LocalServiceContractTest extends SandboxServiceContract {
  @Override
  protected SandboxService open() {
    return SandboxServices.open("local");
  }
}
