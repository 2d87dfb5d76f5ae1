package io.sandbeam.service.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.leased.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

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
    SpecJson.write(info.spec(), json);
    return json;
  }

  private static SandboxRecord fromJson(JsonNode json) {
    SandboxSpec spec = SpecJson.read(json);
    SandboxInfo info =
        new SandboxInfo(
            json.path("id").asText(),
            spec,
            SandboxState.valueOf(json.path("state").asText()),
            json.path("stateReason").asText(),
            Instant.parse(json.path("createTime").asText()),
            SpecJson.text(json, "startTime").map(Instant::parse),
            SpecJson.text(json, "endTime").map(Instant::parse),
            json.has("exitCode")
                ? OptionalInt.of(json.get("exitCode").asInt())
                : OptionalInt.empty(),
            spec.maxLifetime(),
            json.path("host").asText(),
            SpecJson.map(json, "limitsInForce"));
    return new SandboxRecord(
        info,
        json.has("pid")
            ? Optional.of(
                new HostProcess(json.get("pid").asLong(), json.get("startTicks").asLong()))
            : Optional.empty());
  }
}
