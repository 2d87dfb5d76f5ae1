package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.InspectVolumeResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.Seal;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.SealedJobs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs that are over, kept by the engine for all its clients: an empty volume for each, named
 * by the job and by the period in which it was sealed. A period is as long as a seal is kept, and
 * the last one counts, too: so a seal is kept for one to two of them, and sealing again makes it
 * last longer.
 */
final class Seals implements SealedJobs {
  private static final Logger LOG = LoggerFactory.getLogger(Seals.class);
  private static final String LABEL = "sandbeam.seal";
  private static final String PERIOD = LABEL + ".period";

  private final Engine engine;
  private final EngineFacts facts;

  Seals(Engine engine, EngineFacts facts) {
    this.engine = engine;
    this.facts = facts;
  }

  private static long period(Instant time) {
    return time.toEpochMilli() / SandboxService.SEAL_RETENTION.toMillis();
  }

  private static String volume(Tag job, long period) {
    return "sandbeam-seal-" + Secret.hash(job.value()) + "-" + period;
  }

  void seal(Tag job) {
    long period = period(facts.now());
    Map<String, String> labels = Map.of(LABEL, job.value(), PERIOD, Long.toString(period));
    engine.call(
        "seal " + job,
        Effect.UNKNOWN,
        () ->
            engine
                .client()
                .createVolumeCmd()
                .withName(volume(job, period))
                .withLabels(labels)
                .exec());
  }

  @Override
  public Seal of(Tag job) {
    long period = period(facts.now());
    return exists(volume(job, period)) || exists(volume(job, period - 1)) ? Seal.SEALED : Seal.OPEN;
  }

  private boolean exists(String volume) {
    try {
      engine.client().inspectVolumeCmd(volume).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    } catch (RuntimeException e) {
      throw EngineFailure.of(engine, "look for a seal", e, Effect.NONE);
    }
  }

  /** Removes those that are kept no longer. */
  void forgetOld() {
    try {
      List<InspectVolumeResponse> all =
          engine.call(
              "list seals",
              Effect.NONE,
              () ->
                  engine
                      .client()
                      .listVolumesCmd()
                      .withFilter("label", List.of(LABEL))
                      .exec()
                      .getVolumes());
      if (all != null) {
        all.forEach(this::forgetIfOld);
      }
    } catch (SandboxException e) {
      LOG.warn("Old seals are left to the next who looks", e);
    }
  }

  private void forgetIfOld(InspectVolumeResponse volume) {
    String period = volume.getLabels() == null ? "" : volume.getLabels().getOrDefault(PERIOD, "");
    if (period.matches("\\d{1,15}") && Long.parseLong(period) < period(facts.now()) - 1) {
      try {
        engine.client().removeVolumeCmd(volume.getName()).exec();
      } catch (NotFoundException e) {
        LOG.debug("Seal {} was removed by somebody else", volume.getName(), e);
      } catch (RuntimeException e) {
        LOG.warn("Seal {} cannot be removed", volume.getName(), e);
      }
    }
  }
}
