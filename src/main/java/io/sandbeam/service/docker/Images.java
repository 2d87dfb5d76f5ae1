package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.NameParser;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images that sandboxes are made of. Each is looked for, and pulled if need be, once in the
 * life of a service; a failure is not remembered.
 */
final class Images {
  private final DockerSettings settings;
  private final Engine engine;
  private final Map<String, String> ready = new ConcurrentHashMap<>();

  Images(DockerSettings settings, Engine engine) {
    this.settings = settings;
    this.engine = engine;
  }

  /**
   * The image as the engine knows it. Blocks while it is pulled; others who ask for the same image
   * wait for the same pull.
   *
   * @throws SandboxValidationException when the engine cannot have it
   */
  String ready(Optional<String> wanted) {
    String name = wanted.orElse(settings.image());
    String image = settings.images().getOrDefault(name, name);
    return ready.computeIfAbsent(image, this::prepare);
  }

  private String prepare(String image) {
    NameParser.ReposTag parts = parse(image);
    boolean here = settings.pull() != DockerSettings.Pull.ALWAYS && isHere(image);
    if (!here) {
      if (settings.pull() == DockerSettings.Pull.NEVER) {
        throw refusal(
            image, "the engine does not have it, and setting pull=never forbids to pull it", null);
      }
      new ImagePull(engine, image, parts).run();
    }
    return image;
  }

  /** Whether the engine has it now. */
  boolean isHere(String image) {
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
}
