package io.sandbeam.transforms;

import io.sandbeam.sandbox.Sweep;
import io.sandbeam.sandbox.SweepReport;
import io.sandbeam.service.SandboxService;
import java.time.Duration;

/** The launcher's own books of one job, and the sweep that follows from them. */
public final class SimulatedLedger implements AutoCloseable {
  private final String jobId;
  private final JobLedger ledger;

  /** Opens the books; workers of the job in this JVM write into them. */
  public SimulatedLedger(String jobId) {
    this.jobId = jobId;
    this.ledger = JobLedger.open(jobId);
  }

  /** Books that no worker writes into, since they are all elsewhere: never opened in this JVM. */
  public static Sweep sweepOf(SandboxService service, String jobId) {
    return Sweep.of(service).job(jobId);
  }

  /** What the launcher sweeps the job with. */
  public Sweep sweepOf(SandboxService service) {
    return SandboxJob.sweepOf(service, jobId, ledger);
  }

  /** Whether every sandbox that the workers asked for is known to have ended. */
  public boolean isBalanced() {
    return ledger.isBalanced();
  }

  /** The account of the run. */
  public JobAccount account(SweepReport report) {
    return JobAccount.of(JobMetrics.of(null), ledger, Duration.ZERO, report);
  }

  @Override
  public void close() {
    ledger.close();
  }
}
