package io.sandbeam.service;

import org.junit.jupiter.api.Nested;

/**
 * The contract that every service passes. A service's test names how to open it, and inherits all
 * cases:
 *
 * <pre>{@code
 * class LocalServiceContractTest extends SandboxServiceContract {
 *   @Override
 *   protected SandboxService open() {
 *     return SandboxServices.open("local");
 *   }
 * }
 * }</pre>
 *
 * <p>Every case uses tags of its own, so that cases may run at the same time and beside other
 * sandboxes of the same service. Commands are those of a POSIX shell and of coreutils or busybox.
 */
public abstract class SandboxServiceContract extends ControlPlaneContract {

  @Nested
  class Provisioning extends ProvisioningContract {
    Provisioning() {
      super(SandboxServiceContract.this);
    }
  }

  @Nested
  class ExecArguments extends ExecArgumentsContract {
    ExecArguments() {
      super(SandboxServiceContract.this);
    }
  }

  @Nested
  class ExecStreams extends ExecStreamsContract {
    ExecStreams() {
      super(SandboxServiceContract.this);
    }
  }

  @Nested
  class ExecProcesses extends ExecProcessesContract {
    ExecProcesses() {
      super(SandboxServiceContract.this);
    }
  }

  @Nested
  class Stop extends StopContract {
    Stop() {
      super(SandboxServiceContract.this);
    }
  }

  @Nested
  class Files extends FilesContract {
    Files() {
      super(SandboxServiceContract.this);
    }
  }
}
