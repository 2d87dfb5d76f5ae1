package io.sandbeam.service.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import com.github.dockerjava.core.NameParser;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pull, with its progress in the log. */
final class ImagePull {
  private static final Logger LOG = LoggerFactory.getLogger(ImagePull.class);
  private static final long LIMIT_MINUTES = 30;
  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final Engine engine;
  private final String image;
  private final NameParser.ReposTag parts;
  private final Consumer<String> log;
  private final Duration tellEvery;
  private volatile String failure = "";
  private volatile Throwable broken;
  private long told = System.nanoTime();

  ImagePull(Engine engine, String image, NameParser.ReposTag parts) {
    this(engine, image, parts, LOG::info, TELL_EVERY);
  }

  /**
   * @param log takes a line at the start, one at the end, and of what the engine says between them
   *     one as often as {@code tellEvery}
   */
  ImagePull(
      Engine engine,
      String image,
      NameParser.ReposTag parts,
      Consumer<String> log,
      Duration tellEvery) {
    this.engine = engine;
    this.image = image;
    this.parts = parts;
    this.log = log;
    this.tellEvery = tellEvery;
  }

  void run() {
    log.accept("Pulling image " + image + " at " + engine.address());
    PullImageCmd pull =
        engine
            .patient()
            .pullImageCmd(parts.repos)
            .withTag(parts.tag.isEmpty() ? "latest" : parts.tag);
    credentials().ifPresent(pull::withAuthConfig);
    try (Progress progress = pull.exec(new Progress())) {
      if (!progress.awaitCompletion(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw unavailable("it took longer than " + LIMIT_MINUTES + " minutes", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted", e);
    } catch (SandboxUnavailableException e) {
      throw e;
    } catch (Exception e) {
      throw failed(EngineFailure.reason(e), e);
    }
    if (broken != null || !failure.isEmpty()) {
      throw failed(failure.isEmpty() ? EngineFailure.reason(broken) : failure, broken);
    }
    log.accept("Image " + image + " is there");
  }

  private Optional<AuthConfig> credentials() {
    return new RegistryCredentials(engine.config()).of(parts.repos);
  }

  /** Whether the registry has said no, or could not be asked. */
  private RuntimeException failed(String said, Throwable cause) {
    boolean no =
        said.matches(
            "(?is).*(manifest unknown|not found|does not exist|denied|unauthorized|"
                + "forbidden|no basic auth|authentication required|"
                + "invalid reference|no matching manifest|name unknown).*");
    return no
        ? Images.refusal(image, "it cannot be pulled: " + said, cause)
        : unavailable(said, cause);
  }

  private SandboxUnavailableException unavailable(String said, Throwable cause) {
    return new SandboxUnavailableException(
        "Image '" + image + "' could not be pulled: " + said, cause, Effect.NONE, null);
  }

  private final class Progress extends ResultCallback.Adapter<PullResponseItem> {
    /** Kept for whoever waits; the base class would write it to the log, too. */
    @Override
    public void onError(Throwable throwable) {
      broken = throwable;
      onComplete();
    }

    @Override
    public void onNext(PullResponseItem item) {
      if (item.getErrorDetail() != null) {
        failure = item.getErrorDetail().getMessage();
      }
      long now = System.nanoTime();
      if (now - told > tellEvery.toNanos() && item.getStatus() != null) {
        told = now;
        log.accept("Pulling image " + image + ": " + item.getStatus() + progress(item));
      }
    }

    private String progress(PullResponseItem item) {
      ResponseItem.ProgressDetail detail = item.getProgressDetail();
      return detail == null || detail.getTotal() == null || detail.getTotal() <= 0
          ? ""
          : " " + 100 * detail.getCurrent() / detail.getTotal() + " %";
    }
  }
}
