package io.sandbeam.server;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.Tag;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.SandboxMapping;
import io.sandbeam.service.http.wire.V1;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lines of the {@link Journal}: JSON objects; a later one about the same thing replaces an
 * earlier one. A sandbox is kept as the API shows it.
 */
final class JournalLine {
  private static final Logger LOG = LoggerFactory.getLogger(JournalLine.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVER = "server";

  private JournalLine() {}

  /**
   * What a journal says in the end.
   *
   * @param entries in the order of their numbers
   * @param snapshotOwners by snapshot id, oldest first
   * @param seals as they were put
   * @param server whose journal it is, if it says so
   */
  record Replay(
      List<LedgerEntry> entries,
      Map<String, String> snapshotOwners,
      Seals seals,
      Optional<ServerTag> server) {}

  static String of(LedgerEntry entry) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = JSON.getFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("number", entry.number());
      json.writeStringField("owner", entry.owner());
      if (entry.requestKey().isPresent()) {
        json.writeStringField("requestKey", entry.requestKey().get());
        json.writeStringField("fingerprint", entry.origin().fingerprint());
      }
      json.writeStringField("source", entry.source().name());
      json.writeFieldName("sandbox");
      json.writeRawValue(new String(ProtoJson.write(sandbox(entry)), StandardCharsets.UTF_8));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toString();
  }

  private static V1.Sandbox sandbox(LedgerEntry entry) {
    V1.Sandbox sandbox = SandboxMapping.toWire(entry.info());
    return entry.origin().template().map(from -> from.on(sandbox)).orElse(sandbox);
  }

  static String gone(String sandboxId) {
    return object("gone", sandboxId).toString();
  }

  static String snapshot(String snapshotId, String owner) {
    return object("snapshot", snapshotId).put("owner", owner).toString();
  }

  static String snapshotGone(String snapshotId) {
    return object("snapshotGone", snapshotId).toString();
  }

  static String seal(Seals.Key key, Instant at) {
    return object("seal", key.job().value())
        .put("owner", key.owner())
        .put("at", at.toString())
        .toString();
  }

  static String server(ServerTag tag) {
    return object(SERVER, tag.id()).toString();
  }

  /** What is no line of ours, such as a last one that a crash cut, is skipped and counted. */
  static Replay replay(List<String> lines) {
    Map<String, LedgerEntry> entries = new LinkedHashMap<>();
    Map<String, String> snapshots = new LinkedHashMap<>();
    Seals seals = new Seals();
    Optional<ServerTag> server = Optional.empty();
    int skipped = 0;
    for (String line : lines) {
      try {
        JsonNode json = JSON.readTree(line);
        if (json.has(SERVER)) {
          server = Optional.of(new ServerTag(json.get(SERVER).asText()));
        } else {
          apply(json, entries, snapshots, seals);
        }
      } catch (JsonProcessingException | RuntimeException e) {
        skipped++;
        LOG.debug("Skipped a record", e);
      }
    }
    if (skipped > 0) {
      LOG.warn("Skipped {} of {} records that cannot be read", skipped, lines.size());
    }
    return new Replay(List.copyOf(entries.values()), snapshots, seals, server);
  }

  private static void apply(
      JsonNode line, Map<String, LedgerEntry> entries, Map<String, String> snapshots, Seals seals)
      throws JsonProcessingException {
    if (line.has("gone")) {
      entries.remove(line.get("gone").asText());
    } else if (line.has("snapshotGone")) {
      snapshots.remove(line.get("snapshotGone").asText());
    } else if (line.has("snapshot")) {
      snapshots.put(line.get("snapshot").asText(), line.get("owner").asText());
    } else if (line.has("seal")) {
      seals.put(
          new Seals.Key(line.get("owner").asText(), Tag.of(line.get("seal").asText())),
          Instant.parse(line.get("at").asText()));
    } else {
      LedgerEntry entry = entry(line);
      entries.put(entry.id(), entry);
    }
  }

  private static LedgerEntry entry(JsonNode line) throws JsonProcessingException {
    V1.Sandbox sandbox =
        ProtoJson.readTolerantly(JSON.writeValueAsBytes(line.get("sandbox")), V1.Sandbox.class);
    SandboxInfo info = SandboxMapping.fromWire(sandbox, Instant.EPOCH);
    return new LedgerEntry(
        line.get("number").asLong(),
        new Origin(
            line.get("owner").asText(),
            Optional.ofNullable(line.get("requestKey")).map(JsonNode::asText),
            line.path("fingerprint").asText(),
            SourceTemplate.of(sandbox)),
        info,
        LedgerEntry.Source.valueOf(line.get("source").asText()),
        Optional.empty(),
        SpecWeight.of(info.spec()));
  }

  private static ObjectNode object(String field, String value) {
    return JSON.createObjectNode().put(field, value);
  }
}
