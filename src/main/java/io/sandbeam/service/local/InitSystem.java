package io.sandbeam.service.local;

import java.util.Optional;

/** The process that owns the control groups of this machine, where there is one. */
interface InitSystem {

  /** Whether there is one. Without it, a group belongs to whoever may write it. */
  boolean runs();

  /** Whether processes can have themselves put into a group of their own without being root. */
  boolean servesThisUser();

  /** Whether a unit's processes may make groups below its own; empty when it does not answer. */
  Optional<Boolean> delegates(Unit unit);

  /** A group that the init system made for some processes. */
  record Unit(Scope scope, String name) {
    boolean isService() {
      return name.endsWith(".service");
    }
  }

  /** The machine's own, or this user's. */
  enum Scope {
    SYSTEM,
    USER
  }
}
