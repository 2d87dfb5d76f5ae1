package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import io.sandbeam.service.Effect;
import io.sandbeam.service.Network;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxUnavailableException;
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
   */
  synchronized Optional<String> path(String image, SandboxSpec spec) {
    if (spec.network() != Network.NONE
        || settings.localhost() != DockerSettings.Localhost.AUTO
        || facts.isPodman()) {
      return Optional.empty();
    }
    if (known.isEmpty()) {
      known = Optional.of(make(image, spec));
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

  private Optional<String> make(String image, SandboxSpec spec) {
    try {
      String folder =
          engine
              .client()
              .createVolumeCmd()
              .withName(VOLUME)
              .withLabels(Map.of(Labels.PRODUCT, ""))
              .exec()
              .getMountpoint();
      String path = folder + "/" + NAME;
      if (isAt(path, image, spec)) {
        return Optional.of(path);
      }
      write(image, spec);
      if (isAt(path, image, spec)) {
        return Optional.of(path);
      }
      LOG.info("{} cannot mount {}: it makes network namespaces itself", facts.name(), path);
    } catch (SandboxUnavailableException e) {
      throw e;
    } catch (RuntimeException | IOException e) {
      LOG.info(
          "{} cannot have a volume with a file: it makes network namespaces itself",
          facts.name(),
          e);
    }
    return Optional.empty();
  }

  /** Whether a container gets the right file from there. */
  private boolean isAt(String path, String image, SandboxSpec spec) throws IOException {
    String container;
    try {
      container = create(image, spec, mount(path));
    } catch (SandboxUnavailableException e) {
      throw e;
    } catch (SandboxException e) {
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
      engine.remove(container);
    }
  }

  private InputStream read(String container) {
    return engine.client().copyArchiveFromContainerCmd(container, PATH).exec();
  }

  private void write(String image, SandboxSpec spec) throws IOException {
    Mount volume = new Mount().withType(MountType.VOLUME).withSource(VOLUME).withTarget(VOLUME_AT);
    String container = create(image, spec, volume);
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
        TarArchiveEntry entry = new TarArchiveEntry(NAME);
        entry.setSize(CONTENT.length);
        entry.setMode(0644);
        tar.putArchiveEntry(entry);
        tar.write(CONTENT);
        tar.closeArchiveEntry();
      }
      engine
          .client()
          .copyArchiveToContainerCmd(container)
          .withRemotePath(VOLUME_AT)
          .withTarInputStream(new ByteArrayInputStream(bytes.toByteArray()))
          .exec();
    } finally {
      engine.remove(container);
    }
  }

  /** One that never runs, with the tags of what it is for: whoever sweeps that, removes it. */
  private String create(String image, SandboxSpec spec, Mount mount) {
    HostConfig host = HostConfig.newHostConfig().withMounts(List.of(mount));
    return engine.call(
        "create a container for " + VOLUME,
        Effect.NONE,
        () ->
            engine
                .client()
                .createContainerCmd(image)
                .withLabels(Labels.of(spec))
                .withEntrypoint("/none")
                .withNetworkDisabled(true)
                .withHostConfig(host)
                .exec()
                .getId());
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
