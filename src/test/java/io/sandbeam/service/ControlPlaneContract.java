package io.sandbeam.service;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/**
 * The part of the contract that needs no process: sandboxes come, are found, and go. A simulated
 * service passes it, too. See {@link SandboxServiceContract} for how to use it.
 */
public abstract class ControlPlaneContract {

  /**
   * Opens a client of the service under test. All clients opened during one test see the same
   * sandboxes.
   */
  protected abstract SandboxService open();

  /** A spec with all that the service needs, such as its image; the suite adds tags. */
  protected SandboxSpec.Builder spec() {
    return SandboxSpec.builder().tags(Set.of(Tag.PRODUCT)).maxLifetime(Duration.ofMinutes(5));
  }

  /** What the service offers beyond what all must; everything at first. */
  protected Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  /** The name of an image that the service cannot have. */
  protected String unknownImage() {
    return "sandbeam-contract/no-such-image:0";
  }

  @Nested
  class Create extends CreateContract {
    Create() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Get extends GetContract {
    Get() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Lists extends ListContract {
    Lists() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Delete extends DeleteContract {
    Delete() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Purge extends PurgeContract {
    Purge() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Seals extends SealContract {
    Seals() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Lifetime extends LifetimeContract {
    Lifetime() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Snapshots extends SnapshotContract {
    Snapshots() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Concurrency extends ConcurrencyContract {
    Concurrency() {
      super(ControlPlaneContract.this);
    }
  }

  @Nested
  class Close extends CloseContract {
    Close() {
      super(ControlPlaneContract.this);
    }
  }
}
