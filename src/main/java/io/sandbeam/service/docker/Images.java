package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.NameParser;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The images that sandboxes are made of. Each is looked for, and pulled if need be, once in the
 * life of a service, or again when it was {@link #forget forgotten}. A registry that has said no is
 * not asked again for a while: what the engine has got meanwhile is found all the same.
 */
final class Images implements AutoCloseable {
  /** How long a registry's no holds. */
  static final Duration REFUSED_FOR = Duration.ofSeconds(30);

  private final DockerSettings settings;
  private final Engine engine;
  private final Executor pullers;
  private final InstantSource clock;
  private final Map<String, CompletableFuture<String>> ready = new ConcurrentHashMap<>();
  private final Map<String, Refused> refused = new ConcurrentHashMap<>();

  private record Refused(SandboxValidationException why, Instant until) {}

  /**
   * @param pullers wait for as long as a pull takes
   */
  Images(DockerSettings settings, Engine engine, Executor pullers, InstantSource clock) {
    this.settings = settings;
    this.engine = engine;
    this.pullers = pullers;
    this.clock = clock;
  }

  /**
   * The image as the engine knows it. Waits for the engine to say whether it has it, and for no
   * pull; all who ask for one image share its pull. Fails with {@link SandboxValidationException}
   * when the engine cannot have it.
   */
  CompletableFuture<String> ready(Optional<String> wanted) {
    String image = image(wanted);
    CompletableFuture<String> mine = new CompletableFuture<>();
    CompletableFuture<String> others = ready.putIfAbsent(image, mine);
    if (others != null) {
      return others;
    }
    try {
      prepare(image, mine);
    } catch (RuntimeException e) {
      failed(image, mine, e);
    }
    return mine;
  }

  private String image(Optional<String> wanted) {
    String name = wanted.orElse(settings.image());
    return settings.images().getOrDefault(name, name);
  }

  private void prepare(String image, CompletableFuture<String> mine) {
    NameParser.ReposTag parts = parse(image);
    if (settings.pull() != DockerSettings.Pull.ALWAYS && isHere(engine, image)) {
      mine.complete(image);
      return;
    }
    if (settings.pull() == DockerSettings.Pull.NEVER) {
      throw refusal(
          image, "the engine does not have it, and setting pull=never forbids to pull it", null);
    }
    Refused before = refused.get(image);
    if (before != null && clock.instant().isBefore(before.until())) {
      throw before.why();
    }
    try {
      pullers.execute(() -> pull(image, parts, mine));
    } catch (RejectedExecutionException e) {
      throw closed(e);
    }
  }

  private void pull(String image, NameParser.ReposTag parts, CompletableFuture<String> mine) {
    try {
      new ImagePull(engine, image, parts).run();
      refused.remove(image);
      mine.complete(image);
    } catch (SandboxValidationException e) {
      refused.put(image, new Refused(e, clock.instant().plus(REFUSED_FOR)));
      failed(image, mine, e);
    } catch (RuntimeException e) {
      failed(image, mine, e);
    }
  }

  /** The next one who asks makes another try. */
  private void failed(String image, CompletableFuture<String> mine, RuntimeException why) {
    ready.remove(image, mine);
    mine.completeExceptionally(why);
  }

  /** It is not there any more: somebody has removed it. */
  void forget(Optional<String> wanted) {
    ready.computeIfPresent(image(wanted), (image, known) -> known.isDone() ? null : known);
  }

  /** Whether a create failed since its image is not there. */
  static boolean isGone(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof NotFoundException
          && String.valueOf(cause.getMessage()).matches("(?is).*no such image.*")) {
        return true;
      }
    }
    return false;
  }

  /** Whether the engine has it now. */
  static boolean isHere(Engine engine, String image) {
    try {
      engine.client().inspectImageCmd(image).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    } catch (RuntimeException e) {
      throw EngineFailure.of(engine, "look for image " + image, e, Effect.NONE);
    }
  }

  private static NameParser.ReposTag parse(String image) {
    try {
      if (image.isBlank() || image.chars().anyMatch(c -> c <= ' ' || c == '?' || c == '#')) {
        throw refusal(image, "it is no name of an image", null);
      }
      NameParser.ReposTag parts = NameParser.parseRepositoryTag(image);
      NameParser.resolveRepositoryName(parts.repos);
      return parts;
    } catch (SandboxException e) {
      throw e;
    } catch (RuntimeException e) {
      throw refusal(image, "it is no name of an image: " + e.getMessage(), e);
    }
  }

  static SandboxValidationException refusal(String image, String why, Throwable cause) {
    SandboxValidationException e =
        new SandboxValidationException("image", "Image '" + image + "' cannot be used: " + why);
    if (cause != null) {
      e.initCause(cause);
    }
    return e;
  }

  private static SandboxException closed(Throwable cause) {
    return new SandboxException("The docker service was closed before the image was there", cause);
  }

  /** Who waits for a pull is told that none comes. */
  @Override
  public void close() {
    ready.values().forEach(one -> one.completeExceptionally(closed(null)));
  }
}
