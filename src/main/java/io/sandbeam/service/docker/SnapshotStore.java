package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import io.sandbeam.service.Effect;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxSnapshotException;
import io.sandbeam.service.SandboxSnapshotException.Reason;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Snapshot;
import io.sandbeam.service.leased.Ended;
import io.sandbeam.service.leased.Job;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Snapshots in the engine, for all its clients: each an image of one file, the archive as it was
 * taken, with labels that say what it is. (A file, since an engine reads meanings of its own into
 * the names of an unpacked archive.) An image is there as a whole or not at all. Snapshots outlive
 * the process that took them, and are removed only by a delete.
 */
final class SnapshotStore {
  private static final String REPOSITORY = "sandbeam-snapshot/";
  private static final String LABEL = "sandbeam.snapshot";
  private static final String SOURCE = LABEL + ".source";
  private static final String TRIGGER = LABEL + ".trigger";
  private static final String SIZE = LABEL + ".size";
  private static final String ASKED = LABEL + ".created";
  private static final String FILE = "workspace.tar";
  private static final int PART = 1 << 20;

  private final Engine engine;

  SnapshotStore(Engine engine) {
    this.engine = engine;
  }

  private static String reference(String id) {
    return REPOSITORY + id;
  }

  Snapshot put(String id, String source, Snapshot.Trigger trigger, Spool spool) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(LABEL, id);
    labels.put(SOURCE, source);
    labels.put(TRIGGER, trigger.name());
    labels.put(SIZE, Long.toString(spool.size()));
    labels.put(ASKED, Instant.now().toString());
    StringBuilder path = new StringBuilder("/images/create?fromSrc=-");
    path.append("&repo=").append(reference(id)).append("&tag=latest");
    labels.forEach(
        (name, value) ->
            path.append("&changes=")
                .append(URLEncoder.encode("LABEL " + name + "=" + value, StandardCharsets.UTF_8)));
    try (InputStream archive = wrapped(spool)) {
      engine.post("import snapshot " + id, path.toString(), archive);
    } catch (IOException e) {
      throw Snapshots.failure(Reason.CREATE_FAILED, id, e.toString(), e);
    }
    return find(id)
        .orElseThrow(
            () ->
                Snapshots.failure(
                    Reason.CREATE_FAILED, id, "the engine did not keep what it was sent", null));
  }

  /** The archive as the one file of another. */
  private static InputStream wrapped(Spool spool) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(FILE);
    entry.setSize(spool.size());
    entry.setMode(0444);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    TarArchiveOutputStream tar = new TarArchiveOutputStream(head);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    tar.putArchiveEntry(entry);
    tar.flush();
    int padding = (int) ((512 - spool.size() % 512) % 512) + 1024;
    return new SequenceInputStream(
        Collections.enumeration(
            List.of(
                new ByteArrayInputStream(head.toByteArray()),
                spool.read(),
                new ByteArrayInputStream(new byte[padding]))));
  }

  Optional<Snapshot> find(String id) {
    try {
      return Optional.ofNullable(engine.client().inspectImageCmd(reference(id)).exec().getConfig())
          .map(config -> config.getLabels())
          .flatMap(SnapshotStore::snapshot);
    } catch (NotFoundException e) {
      return Optional.empty();
    } catch (RuntimeException e) {
      throw EngineFailure.of(engine, "look for snapshot " + id, e, Effect.NONE);
    }
  }

  List<Snapshot> all() {
    List<Image> images =
        engine.call(
            "list snapshots",
            Effect.NONE,
            () -> engine.client().listImagesCmd().withLabelFilter(LABEL).exec());
    return images.stream().flatMap(image -> snapshot(image.getLabels()).stream()).toList();
  }

  private static Optional<Snapshot> snapshot(Map<String, String> labels) {
    if (labels == null || !Snapshots.isId(labels.get(LABEL))) {
      return Optional.empty();
    }
    Instant asked = Instant.parse(labels.get(ASKED));
    return Optional.of(
        new Snapshot(
            labels.get(LABEL),
            Snapshot.State.READY,
            "",
            Long.parseLong(labels.get(SIZE)),
            labels.get(SOURCE),
            SandboxSpec.SCRATCH_VOLUME,
            Snapshot.Trigger.valueOf(labels.get(TRIGGER)),
            asked,
            Optional.of(asked)));
  }

  void delete(String id) {
    try {
      engine.client().removeImageCmd(reference(id)).withForce(true).exec();
    } catch (NotFoundException e) {
      return;
    } catch (RuntimeException e) {
      throw EngineFailure.of(engine, "remove snapshot " + id, e, Effect.UNKNOWN);
    }
  }

  /** Streams the archive into a sandbox, through a container that is never started. */
  CompletableFuture<Ended> send(String id, DockerSandbox sandbox, Job job) {
    return engine.call(
        "read snapshot " + id,
        Effect.NONE,
        () -> {
          String container = open(id, sandbox.spec(), sandbox.id());
          try (TarArchiveInputStream tar =
              new TarArchiveInputStream(
                  engine.patient().copyArchiveFromContainerCmd(container, "/" + FILE).exec())) {
            TarArchiveEntry entry = tar.getNextEntry();
            if (entry == null) {
              throw Snapshots.failure(Reason.RESTORE_FAILED, id, "it is empty", null);
            }
            return sandbox.unpack(job, entry.getSize(), () -> new Parts(tar, entry.getSize()));
          } catch (IOException e) {
            throw new SandboxSnapshotException(
                Reason.RESTORE_FAILED, "Snapshot " + id + " cannot be read: " + e, e);
          } finally {
            engine.remove(container);
          }
        });
  }

  /**
   * Makes a container that the archive can be copied from. It has the tags of the sandbox that it
   * serves, and the name of one: should we die here, it is listed and swept like a sandbox.
   */
  String open(String id, SandboxSpec spec, String sandboxId) {
    String name = OwnSandboxes.idOf(RequestId.mint());
    engine
        .client()
        .createContainerCmd(reference(id))
        .withName(name)
        .withLabels(Labels.ofServant(spec, sandboxId))
        .withCmd("none")
        .withNetworkDisabled(true)
        .exec();
    return name;
  }

  /** Reads a stream in parts. */
  private static final class Parts implements Iterator<byte[]> {
    private final InputStream in;
    private long left;

    Parts(InputStream in, long size) {
      this.in = in;
      this.left = size;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    public byte[] next() {
      try {
        byte[] part = in.readNBytes((int) Math.min(PART, left));
        if (part.length == 0) {
          throw new NoSuchElementException("the archive ends too early");
        }
        left -= part.length;
        return part;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
