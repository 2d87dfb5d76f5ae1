package io.sandbeam.simulation;

import io.sandbeam.service.Tag;
import java.util.Set;

/**
 * What a process calls the service for.
 *
 * @param mayEnd the tags that a sandbox must carry to be deleted in this duty
 */
record Duty(Role role, Set<Tag> mayEnd) {

  /** Who ends a sandbox: its maker, or a sweep. */
  enum Role {
    WORK,
    SWEEP
  }

  static Duty work(String jobId, String worker) {
    return new Duty(Role.WORK, Set.of(Tag.PRODUCT, Tag.job(jobId), Tag.worker(worker)));
  }

  static Duty sweep(String jobId) {
    return new Duty(Role.SWEEP, Set.of(Tag.PRODUCT, Tag.job(jobId)));
  }

  static Duty sweepOfStep(String jobId, String step) {
    return new Duty(Role.SWEEP, Set.of(Tag.PRODUCT, Tag.job(jobId), Tag.step(step)));
  }
}
