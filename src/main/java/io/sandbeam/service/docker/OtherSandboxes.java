package io.sandbeam.service.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sandboxes as everybody sees them: containers with our labels, in whatever state. */
final class OtherSandboxes {
  private static final Logger LOG = LoggerFactory.getLogger(OtherSandboxes.class);

  /** A container removes itself; one that is still there so long after its time never will. */
  private static final Duration OVERDUE = Duration.ofSeconds(60);

  private final Context context;

  OtherSandboxes(Context context) {
    this.context = context;
  }

  /** What a list tells of one. */
  record Seen(String id, SandboxState state) {}

  /**
   * All with every tag. Removes those on the way that are long overdue. A container that only
   * serves a sandbox is shown when that one is gone: then somebody has to end it.
   */
  List<Seen> list(Collection<Tag> tags) {
    List<Container> found = context.engine().list(Labels.filter(tags));
    found.forEach(this::removeIfOverdue);
    Set<String> there = found.stream().map(OtherSandboxes::name).collect(Collectors.toSet());
    return found.stream()
        .filter(container -> Labels.areOurs(container.getLabels()))
        .filter(container -> Labels.serves(container.getLabels()).filter(there::contains).isEmpty())
        .map(container -> new Seen(name(container), state(container.getState())))
        .filter(seen -> OwnSandboxes.isId(seen.id()))
        .toList();
  }

  /** The dead and the never started have no process 1 that would mind the time. */
  private void removeIfOverdue(Container container) {
    Optional<Duration> lifetime = Labels.lifetime(container.getLabels());
    if (lifetime.isEmpty() || container.getCreated() == null) {
      return;
    }
    Instant end = Instant.ofEpochSecond(container.getCreated()).plus(lifetime.get()).plus(OVERDUE);
    if (end.isBefore(context.facts().now())) {
      LOG.info("Container {} is removed: its time was over at {}", container.getId(), end);
      try {
        context.workers().execute(() -> removeQuietly(container.getId()));
      } catch (RejectedExecutionException e) {
        LOG.debug("Container {} is left to the next list", container.getId(), e);
      }
    }
  }

  private void removeQuietly(String id) {
    try {
      context.engine().remove(id);
    } catch (RuntimeException e) {
      LOG.warn("Container {} is overdue and cannot be removed; the next list tries again", id, e);
    }
  }

  private static String name(Container container) {
    if (container.getNames() == null) {
      return "";
    }
    for (String name : container.getNames()) {
      String plain = name.startsWith("/") ? name.substring(1) : name;
      if (OwnSandboxes.isId(plain)) {
        return plain;
      }
    }
    return "";
  }

  Optional<SandboxInfo> find(String id) {
    return OwnSandboxes.isId(id) ? context.engine().inspect(id).map(this::info) : Optional.empty();
  }

  private SandboxInfo info(InspectContainerResponse container) {
    SandboxSpec spec = Labels.spec(container.getConfig().getLabels());
    SandboxState state = state(container.getState().getStatus());
    String name = container.getName();
    String id = name.startsWith("/") ? name.substring(1) : name;
    return new SandboxInfo(
        id,
        spec,
        state,
        "",
        created(container),
        started(container),
        Optional.empty(),
        OptionalInt.empty(),
        spec.maxLifetime(),
        context.facts().host(),
        new ContainerPlan(id, "", spec, context.settings(), context.facts(), Optional.empty())
            .limitsInForce());
  }

  /** An ended container is about to be removed, or cannot be: either way it is not gone. */
  private static SandboxState state(String status) {
    return switch (String.valueOf(status).toLowerCase(Locale.ROOT)) {
      case "created", "configured", "initialized" -> SandboxState.CREATING;
      case "running", "restarting" -> SandboxState.RUNNING;
      case "paused" -> SandboxState.PAUSED;
      case "exited", "stopped", "stopping", "removing", "dead" -> SandboxState.TERMINATING;
      default -> SandboxState.UNSPECIFIED;
    };
  }

  static Instant created(InspectContainerResponse container) {
    return OffsetDateTime.parse(container.getCreated()).toInstant();
  }

  /** Empty before it has started, for which engines write the year 1. */
  static Optional<Instant> started(InspectContainerResponse container) {
    String text = container.getState().getStartedAt();
    return text == null || text.isEmpty() || text.startsWith("0001-")
        ? Optional.empty()
        : Optional.of(OffsetDateTime.parse(text).toInstant());
  }
}
