package io.sandbeam.sandbox;

import io.sandbeam.sandbox.SweepReport.Sealing;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a sweep told the service before its first list, and what follows from it.
 *
 * @param quietTime how long lists must stay empty: longer where the service holds no seal
 */
record JobSeal(Sealing sealing, Duration quietTime) {
  private static final Logger LOG = LoggerFactory.getLogger(JobSeal.class);

  /** How long lists may lag where nothing new can come into being. */
  private static final Duration LIST_LAG = Duration.ofSeconds(2);

  /** Beyond the time that a create may be under way: for the service to carry it out. */
  private static final Duration CREATE_SLACK = Duration.ofSeconds(5);

  /** Before anybody was asked. */
  static final JobSeal NOT_ASKED = new JobSeal(Sealing.NOT_ASKED, LIST_LAG);

  /**
   * Tells the service that the whole job is over, if that is what is swept. Never fails: a seal
   * that is not taken is a problem of the tally.
   */
  static CompletableFuture<JobSeal> of(Sweep sweep, SweepTally tally) {
    if (sweep.wholeJob().isEmpty()) {
      return CompletableFuture.completedFuture(
          new JobSeal(Sealing.NOT_ASKED, sweep.quietTime().orElse(LIST_LAG)));
    }
    Tag job = sweep.wholeJob().get();
    SandboxService service = sweep.service();
    return new Retry(sweep.timing())
        .run(RetryPolicy.CALLS, "seal " + job, () -> service.seal(job))
        .handle(
            (seal, failure) -> {
              Sealing sealing = seal == Seal.SEALED ? Sealing.SEALED : Sealing.UNSUPPORTED;
              if (failure != null) {
                // The lists will tell whether more than the seal is denied to us.
                sealing = Sealing.FAILED;
                tally.problem(Failures.of(failure).getMessage());
                LOG.warn("{} could not be sealed", job, Failures.cause(failure));
              }
              Duration wait =
                  sealing == Sealing.SEALED ? LIST_LAG : service.createTimeout().plus(CREATE_SLACK);
              return new JobSeal(sealing, sweep.quietTime().orElse(wait));
            });
  }
}
