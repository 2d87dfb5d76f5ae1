package io.sandbeam.transforms;

import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.io.Serializable;
import java.util.List;

/**
 * One step of one job: what its workers share a session by. Fixed when the pipeline is built.
 *
 * @param jobId the job's id, captured where the pipeline was built
 * @param step the transform's full name
 * @param concurrency of one worker; 0 means twice its processors
 * @param warm sandboxes that one worker makes ahead, for isolation by element
 * @param workers how many there are at most; 0 when nobody can tell
 */
record StepConfig(
    String jobId,
    String step,
    ServiceConfig service,
    ExecConfig exec,
    int concurrency,
    int warm,
    int workers)
    implements Serializable {

  /** What every sandbox of the step is found by. */
  List<Tag> selector() {
    return List.of(Tag.PRODUCT, Tag.job(jobId), Tag.step(step));
  }

  /** What ends the job's sandboxes from any shell. */
  String sweepCommand() {
    return SandboxJob.sweepCommand(jobId, service);
  }

  int concurrencyHere() {
    return concurrency > 0 ? concurrency : 2 * Runtime.getRuntime().availableProcessors();
  }

  @Override
  public String toString() {
    return "job " + jobId + ", step " + step;
  }
}
