package io.sandbeam.service;

/** Whether sandboxes of a job may still come into being; see {@link SandboxService#seal}. */
public enum Seal {
  /** They may. */
  OPEN,
  /** None does any more: every create of the job is refused. */
  SEALED,
  /** This service cannot remember seals, so it never refuses a create for one. */
  UNSUPPORTED
}
