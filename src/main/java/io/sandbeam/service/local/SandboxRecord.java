package io.sandbeam.service.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * What is on disk of one sandbox, for the other processes of this machine.
 *
 * <p>Of variables and files only the names are written: their values may be secret, and no other
 * process needs them.
 *
 * @param info the sandbox; as read back, values of variables are empty and files have no content
 * @param init process 1, once it is known
 */
record SandboxRecord(SandboxInfo info, Optional<HostProcess> init) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "record.json";

  void write(Path directory) throws IOException {
    Path partial = directory.resolve(FILE + ".new");
    Files.write(partial, JSON.writeValueAsBytes(toJson()));
    Files.move(partial, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Reads a record; throws NoSuchFileException when there is none (yet, or any more). */
  static SandboxRecord read(Path directory) throws IOException {
    try {
      return fromJson(JSON.readTree(Files.readAllBytes(directory.resolve(FILE))));
    } catch (RuntimeException e) {
      throw new IOException("record in " + directory + " is damaged: " + e.getMessage(), e);
    }
  }

  private ObjectNode toJson() {
    SandboxSpec spec = info.spec();
    ObjectNode json = JSON.createObjectNode();
    json.put("id", info.id())
        .put("state", info.state().name())
        .put("stateReason", info.stateReason());
    json.put("createTime", info.createTime().toString());
    info.startTime().ifPresent(time -> json.put("startTime", time.toString()));
    info.endTime().ifPresent(time -> json.put("endTime", time.toString()));
    info.exitCode().ifPresent(code -> json.put("exitCode", code));
    json.put("host", info.host());
    init.ifPresent(
        process -> json.put("pid", process.pid()).put("startTicks", process.startTicks()));
    info.limitsInForce().forEach(json.putObject("limitsInForce")::put);
    spec.image().ifPresent(image -> json.put("image", image));
    add(json.putArray("command"), spec.command());
    add(json.putArray("env"), spec.env().keySet());
    add(json.putArray("files"), spec.files().keySet());
    add(json.putArray("tags"), spec.tags().stream().map(Tag::value).toList());
    json.put("workingDir", spec.workingDir()).put("network", spec.network().name());
    json.put("cpuMillis", spec.resources().cpuMillis());
    json.put("memory", spec.resources().memoryLimit().bytes());
    json.put("disk", spec.resources().diskLimit().bytes());
    json.put("processes", spec.resources().processLimit());
    json.put("maxLifetime", spec.maxLifetime().toString());
    spec.annotations().forEach(json.putObject("annotations")::put);
    spec.restoreFrom().ifPresent(snapshot -> json.put("restoreFrom", snapshot));
    return json;
  }

  private static SandboxRecord fromJson(JsonNode json) {
    SandboxSpec.Builder spec = SandboxSpec.builder();
    optional(json, "image").ifPresent(spec::image);
    spec.command(list(json, "command"));
    list(json, "env").forEach(name -> spec.env(Map.of(name, "")));
    list(json, "files").forEach(path -> spec.file(path, new byte[0]));
    spec.tags(list(json, "tags").stream().map(Tag::of).toList());
    spec.workingDir(json.path("workingDir").asText());
    spec.network(Network.valueOf(json.path("network").asText()));
    spec.resources(
        new Resources(
            json.path("cpuMillis").asInt(),
            ByteSize.ofBytes(json.path("memory").asLong()),
            ByteSize.ofBytes(json.path("disk").asLong()),
            json.path("processes").asInt()));
    spec.maxLifetime(Duration.parse(json.path("maxLifetime").asText()));
    spec.annotations(map(json, "annotations"));
    optional(json, "restoreFrom").ifPresent(spec::restoreFrom);
    SandboxInfo info =
        new SandboxInfo(
            json.path("id").asText(),
            spec.build(),
            SandboxState.valueOf(json.path("state").asText()),
            json.path("stateReason").asText(),
            Instant.parse(json.path("createTime").asText()),
            optional(json, "startTime").map(Instant::parse),
            optional(json, "endTime").map(Instant::parse),
            json.has("exitCode")
                ? OptionalInt.of(json.get("exitCode").asInt())
                : OptionalInt.empty(),
            Duration.parse(json.path("maxLifetime").asText()),
            json.path("host").asText(),
            map(json, "limitsInForce"));
    return new SandboxRecord(
        info,
        json.has("pid")
            ? Optional.of(
                new HostProcess(json.get("pid").asLong(), json.get("startTicks").asLong()))
            : Optional.empty());
  }

  private static void add(ArrayNode array, Iterable<String> words) {
    words.forEach(array::add);
  }

  private static Optional<String> optional(JsonNode json, String field) {
    return json.has(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
  }

  private static List<String> list(JsonNode json, String field) {
    List<String> words = new ArrayList<>();
    StreamSupport.stream(json.path(field).spliterator(), false)
        .forEach(word -> words.add(word.asText()));
    return words;
  }

  private static Map<String, String> map(JsonNode json, String field) {
    Map<String, String> entries = new TreeMap<>();
    json.path(field)
        .fields()
        .forEachRemaining(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
    return entries;
  }
}
