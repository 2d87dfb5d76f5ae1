package io.sandbeam.chaos;

import io.sandbeam.sandbox.Sandbox;
import io.sandbeam.sandbox.SandboxDefaults;
import io.sandbeam.sandbox.Sandboxes;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sandbox of another job beside those of the rounds: nothing that befalls them touches it. */
final class ForeignJob implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignJob.class);

  /** Every round's job begins with it: tags are matched whole, or it would be swept. */
  static final String ID = "chaos";

  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  private final SandboxService service;
  private volatile Sandbox sandbox;

  ForeignJob(ServiceConfig config) {
    this.service = SandboxServices.open(config);
  }

  boolean isStarted() {
    return sandbox != null;
  }

  void start() {
    sandbox =
        Sandbox.run(
            service,
            SandboxDefaults.builder().tags("job." + ID).maxLifetime(Duration.ofHours(6)).build());
  }

  /** Whether it still runs commands; one that does not is replaced. */
  boolean isWell() {
    try {
      if (sandbox.exec("true").join().succeeded()) {
        return true;
      }
    } catch (CompletionException | SandboxException e) {
      LOG.warn("The foreign job's sandbox does not answer", e);
    }
    restart();
    return false;
  }

  /** After its server has died, and it with it. */
  void restart() {
    try {
      sandbox.close();
    } catch (SandboxException e) {
      LOG.debug("It is gone already", e);
    }
    start();
  }

  /** The sandboxes of a job, as this service lists them. */
  List<String> listed(String job) {
    return Sandboxes.listInfos(service, List.of(Tag.job(job))).join().stream()
        .map(info -> info.id() + " " + info.state())
        .toList();
  }

  /** Does not wait for a place that is dying: with the service or its server the sandbox ends. */
  @Override
  public void close() {
    if (isStarted()) {
      sandbox
          .stop()
          .handle((done, failure) -> null)
          .completeOnTimeout(null, STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)
          .join();
    }
    service.close();
  }
}
