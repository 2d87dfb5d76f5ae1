package io.sandbeam.service.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The snapshots of this user on this machine: {@code ID.json} and {@code ID.tar}. They outlive the
 * process that took them, and are removed only by a delete.
 */
class SnapshotStore {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RECORD = ".json";

  private final Path directory;

  SnapshotStore(Path directory) {
    this.directory = directory;
  }

  Path archive(String id) {
    return directory.resolve(id + ".tar");
  }

  void write(Snapshot snapshot) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", snapshot.id()).put("state", snapshot.state().name());
    json.put("stateReason", snapshot.stateReason()).put("sizeBytes", snapshot.sizeBytes());
    json.put("sourceSandboxId", snapshot.sourceSandboxId());
    json.put("sourceVolume", snapshot.sourceVolume()).put("trigger", snapshot.trigger().name());
    json.put("createTime", snapshot.createTime().toString());
    snapshot.completeTime().ifPresent(time -> json.put("completeTime", time.toString()));
    HostProcess self = HostProcess.current();
    json.put("takerPid", self.pid()).put("takerStart", self.startTicks());
    Path partial = directory.resolve(snapshot.id() + ".new");
    Files.write(partial, JSON.writeValueAsBytes(json));
    Files.move(partial, directory.resolve(snapshot.id() + RECORD), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * One snapshot; the id has been checked. One whose taker died has failed: what there is of its
   * archive is removed.
   */
  Optional<Snapshot> find(String id) throws IOException {
    Optional<JsonNode> record = read(id);
    if (record.filter(SnapshotStore::isAbandoned).isPresent()) {
      // A dead process writes nothing any more, but may have before it died.
      record = read(id);
      if (record.filter(SnapshotStore::isAbandoned).isPresent()) {
        Files.deleteIfExists(archive(id));
        return Optional.of(failed(snapshot(id, record.get())));
      }
    }
    return record.isPresent() ? Optional.of(snapshot(id, record.get())) : Optional.empty();
  }

  private static boolean isAbandoned(JsonNode json) {
    return json.path("state").asText().equals(Snapshot.State.CREATING.name())
        && !new HostProcess(json.path("takerPid").asLong(), json.path("takerStart").asLong())
            .isAlive();
  }

  private static Snapshot failed(Snapshot snapshot) {
    return new Snapshot(
        snapshot.id(),
        Snapshot.State.FAILED,
        "the process that took it died",
        0,
        snapshot.sourceSandboxId(),
        snapshot.sourceVolume(),
        snapshot.trigger(),
        snapshot.createTime(),
        snapshot.completeTime());
  }

  private Optional<JsonNode> read(String id) throws IOException {
    try {
      return Optional.of(JSON.readTree(Files.readAllBytes(directory.resolve(id + RECORD))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Snapshot snapshot(String id, JsonNode json) throws IOException {
    try {
      return new Snapshot(
          json.path("id").asText(),
          Snapshot.State.valueOf(json.path("state").asText()),
          json.path("stateReason").asText(),
          json.path("sizeBytes").asLong(),
          json.path("sourceSandboxId").asText(),
          json.path("sourceVolume").asText(),
          Snapshot.Trigger.valueOf(json.path("trigger").asText()),
          Instant.parse(json.path("createTime").asText()),
          json.has("completeTime")
              ? Optional.of(Instant.parse(json.path("completeTime").asText()))
              : Optional.empty());
    } catch (RuntimeException e) {
      throw new IOException("record of snapshot " + id + " is damaged: " + e.getMessage(), e);
    }
  }

  List<Snapshot> all() throws IOException {
    List<String> ids;
    try (Stream<Path> entries = Files.list(directory)) {
      ids =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> name.endsWith(RECORD))
              .map(name -> name.substring(0, name.length() - RECORD.length()))
              .filter(SandboxId::isValidSnapshot)
              .toList();
    }
    List<Snapshot> found = new ArrayList<>();
    for (String id : ids) {
      find(id).ifPresent(found::add);
    }
    return found;
  }

  void delete(String id) throws IOException {
    Files.deleteIfExists(archive(id));
    Files.deleteIfExists(directory.resolve(id + RECORD));
  }
}
