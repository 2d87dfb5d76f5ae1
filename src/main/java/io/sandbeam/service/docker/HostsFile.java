package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import io.sandbeam.service.Effect;
import io.sandbeam.service.Network;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
import io.sandbeam.service.SandboxValidationException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code /etc/hosts} of containers whose network namespace the OCI runtime makes, which is
 * faster than the engine, and leaves them with an empty one.
 *
 * <p>An engine mounts files by their paths on its own host, where we cannot write: so the file is
 * in a volume, which can be written to through a container that never runs, and whose path the
 * engine tells. The volume stays, as an image does that was pulled. Thread-safe.
 */
final class HostsFile {
  static final String VOLUME = "sandbeam-hosts";

  private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);
  private static final String PATH = "/etc/hosts";
  private static final String NAME = "hosts";
  private static final String VOLUME_AT = "/sandbeam-hosts";
  private static final byte[] CONTENT =
      """
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      127.0.0.1\tsandbox
      """
          .getBytes(StandardCharsets.US_ASCII);

  private final DockerSettings settings;
  private final EngineFacts facts;
  private final Engine engine;
  private Optional<Optional<String>> known = Optional.empty();

  HostsFile(DockerSettings settings, EngineFacts facts, Engine engine) {
    this.settings = settings;
    this.facts = facts;
    this.engine = engine;
  }

  /**
   * Where the engine has the file; empty when a container of this spec needs none, or the engine
   * cannot have it. Blocks; the first call makes it.
   *
   * @param image that the engine has
   * @param sandboxId of the sandbox that will have it
   */
  synchronized Optional<String> path(String image, SandboxSpec spec, String sandboxId) {
    if (spec.network() != Network.NONE
        || settings.localhost() != DockerSettings.Localhost.AUTO
        || facts.isPodman()) {
      return Optional.empty();
    }
    if (known.isEmpty()) {
      return make(image, Labels.ofServant(spec, sandboxId));
    }
    return known.get();
  }

  /** What a failed create tells of it: when somebody has removed the volume, the next makes it. */
  SandboxException explain(SandboxException failure) {
    if (!String.valueOf(failure.getMessage()).contains("bind source path does not exist")) {
      return failure;
    }
    synchronized (this) {
      known = Optional.empty();
    }
    return new SandboxUnavailableException(
        "The volume " + VOLUME + " is no longer there", failure, Effect.NONE, null);
  }

  /** What is certain is remembered; an engine in trouble may be able to later. */
  private Optional<String> make(String image, Map<String, String> labels) {
    try {
      String path = volume() + "/" + NAME;
      if (!isAt(path, image, labels)) {
        write(image, labels);
        if (!isAt(path, image, labels)) {
          LOG.info("{} cannot mount {}: it makes network namespaces itself", facts.name(), path);
          known = Optional.of(Optional.empty());
          return Optional.empty();
        }
      }
      known = Optional.of(Optional.of(path));
      return known.get();
    } catch (SandboxUnavailableException e) {
      // Nothing has been made yet of the sandbox itself.
      throw new SandboxUnavailableException(e.getMessage(), e, Effect.NONE, null);
    } catch (SandboxException | IOException e) {
      LOG.info("{} made no volume with a file now: it makes this network itself", facts.name(), e);
      return Optional.empty();
    }
  }

  private String volume() {
    return engine.call(
        "create volume " + VOLUME,
        Effect.NONE,
        () ->
            engine
                .client()
                .createVolumeCmd()
                .withName(VOLUME)
                .withLabels(Map.of(Labels.PRODUCT, ""))
                .exec()
                .getMountpoint());
  }

  /** Whether a container gets the right file from there. */
  private boolean isAt(String path, String image, Map<String, String> labels) throws IOException {
    String container;
    try {
      container = create(image, labels, mount(path));
    } catch (SandboxValidationException e) {
      LOG.debug("There is no {} yet", path, e);
      return false;
    }
    try (TarArchiveInputStream tar = new TarArchiveInputStream(read(container))) {
      TarArchiveEntry entry = tar.getNextEntry();
      return entry != null && Arrays.equals(tar.readNBytes(CONTENT.length + 1), CONTENT);
    } catch (NotFoundException e) {
      LOG.debug("{} is not mounted", path, e);
      return false;
    } finally {
      remove(container);
    }
  }

  private InputStream read(String container) {
    try {
      return engine.client().copyArchiveFromContainerCmd(container, PATH).exec();
    } catch (NotFoundException e) {
      throw e;
    } catch (RuntimeException e) {
      throw EngineFailure.of(engine, "read " + PATH + " of " + container, e, Effect.NONE);
    }
  }

  private void write(String image, Map<String, String> labels) throws IOException {
    Mount volume = new Mount().withType(MountType.VOLUME).withSource(VOLUME).withTarget(VOLUME_AT);
    byte[] archive = archive();
    String container = create(image, labels, volume);
    try {
      engine.call(
          "write into volume " + VOLUME,
          Effect.UNKNOWN,
          () ->
              engine
                  .client()
                  .copyArchiveToContainerCmd(container)
                  .withRemotePath(VOLUME_AT)
                  .withTarInputStream(new ByteArrayInputStream(archive))
                  .exec());
    } finally {
      remove(container);
    }
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry(NAME);
      entry.setSize(CONTENT.length);
      entry.setMode(0644);
      tar.putArchiveEntry(entry);
      tar.write(CONTENT);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  /**
   * One that never runs, with the name and the tags of a sandbox: should we die here, it is listed
   * and swept like one.
   */
  private String create(String image, Map<String, String> labels, Mount mount) {
    String name = OwnSandboxes.idOf(RequestId.mint());
    HostConfig host = HostConfig.newHostConfig().withMounts(List.of(mount));
    engine.call(
        "create a container for " + VOLUME,
        Effect.UNKNOWN,
        () ->
            engine
                .client()
                .createContainerCmd(image)
                .withName(name)
                .withLabels(labels)
                .withEntrypoint("/none")
                .withNetworkDisabled(true)
                .withHostConfig(host)
                .exec());
    return name;
  }

  private void remove(String container) {
    try {
      engine.remove(container);
    } catch (SandboxException e) {
      LOG.warn("Container {} could not be removed; a sweep of its tags does", container, e);
    }
  }

  /** The mount of a container that uses the file. */
  static Mount mount(String path) {
    return new Mount()
        .withType(MountType.BIND)
        .withSource(path)
        .withTarget(PATH)
        .withReadOnly(true);
  }
}
