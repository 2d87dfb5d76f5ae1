package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.core.NameParser;
import io.sandbeam.service.Effect;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that sandboxes are made of. Each is looked for, and pulled if need be, once in the
 * life of a service; a failure is not remembered.
 */
final class Images {
  private static final Logger LOG = LoggerFactory.getLogger(Images.class);

  private final DockerSettings settings;
  private final Engine engine;
  private final EngineFacts facts;
  private final Map<String, Ready> ready = new ConcurrentHashMap<>();

  /**
   * An image that the engine has.
   *
   * @param name as the engine knows it
   * @param loopback whether {@code localhost} is known without the engine's help
   */
  record Ready(String name, ContainerPlan.ByRuntime loopback) {}

  Images(DockerSettings settings, Engine engine, EngineFacts facts) {
    this.settings = settings;
    this.engine = engine;
    this.facts = facts;
  }

  /**
   * Blocks while it is pulled; others who ask for the same image wait for the same pull.
   *
   * @throws SandboxValidationException when the engine cannot have it
   */
  Ready ready(Optional<String> wanted) {
    String name = wanted.orElse(settings.image());
    String image = settings.images().getOrDefault(name, name);
    return ready.computeIfAbsent(image, this::prepare);
  }

  private Ready prepare(String image) {
    NameParser.ReposTag parts = parse(image);
    boolean here = settings.pull() != DockerSettings.Pull.ALWAYS && isHere(image);
    if (!here) {
      if (settings.pull() == DockerSettings.Pull.NEVER) {
        throw refusal(
            image, "the engine does not have it, and setting pull=never forbids to pull it", null);
      }
      new ImagePull(engine, image, parts).run();
    }
    return new Ready(image, loopback(image));
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

  private ContainerPlan.ByRuntime loopback(String image) {
    boolean alone =
        switch (settings.loopback()) {
          case ALWAYS -> false;
          case NEVER -> true;
          // Podman has no other way, and needs none.
          case AUTO -> !facts.isPodman() && new HostsFile(engine, image).knowsLocalhost();
        };
    LOG.debug("Image {}: network namespaces by the runtime: {}", image, alone);
    return alone ? ContainerPlan.ByRuntime.YES : ContainerPlan.ByRuntime.NO;
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
