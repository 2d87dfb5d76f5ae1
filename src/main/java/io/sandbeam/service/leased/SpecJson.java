package io.sandbeam.service.leased;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.ByteSize;
import io.sandbeam.service.Network;
import io.sandbeam.service.Resources;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A spec as others may see it who did not ask for it. Of variables and files only the names are
 * written: their values may be secret, and nobody else needs them. Pure; the order of the fields is
 * always the same.
 */
public final class SpecJson {
  public static final String ANNOTATIONS = "annotations";

  private SpecJson() {}

  /** Adds the fields of a spec. */
  public static void write(SandboxSpec spec, ObjectNode json) {
    spec.image().ifPresent(image -> json.put("image", image));
    add(json.putArray("command"), spec.command());
    add(json.putArray("env"), spec.env().keySet());
    add(json.putArray("files"), spec.files().keySet());
    add(json.putArray("tags"), spec.tags().stream().map(Tag::value).toList());
    Resources resources = spec.resources();
    json.put("workingDir", spec.workingDir())
        .put("network", spec.network().name())
        .put("cpuMillis", resources.cpuMillis())
        .put("memory", resources.memoryLimit().bytes())
        .put("disk", resources.diskLimit().bytes())
        .put("processes", resources.processLimit())
        .put("maxLifetime", spec.maxLifetime().toString());
    spec.annotations().forEach(json.putObject(ANNOTATIONS)::put);
    spec.restoreFrom().ifPresent(snapshot -> json.put("restoreFrom", snapshot));
  }

  /** Reads a spec back: values of variables are empty, and files have no content. */
  public static SandboxSpec read(JsonNode json) {
    SandboxSpec.Builder spec = SandboxSpec.builder();
    text(json, "image").ifPresent(spec::image);
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
    spec.annotations(map(json, ANNOTATIONS));
    text(json, "restoreFrom").ifPresent(spec::restoreFrom);
    return spec.build();
  }

  private static void add(ArrayNode array, Collection<String> words) {
    words.forEach(array::add);
  }

  /** A field, if it is there. */
  public static Optional<String> text(JsonNode json, String field) {
    return json.has(field) ? Optional.of(json.get(field).asText()) : Optional.empty();
  }

  private static List<String> list(JsonNode json, String field) {
    List<String> words = new ArrayList<>();
    json.path(field).forEach(word -> words.add(word.asText()));
    return words;
  }

  /** The fields of a field; none when it is not there. */
  public static Map<String, String> map(JsonNode json, String field) {
    Map<String, String> entries = new TreeMap<>();
    json.path(field)
        .fields()
        .forEachRemaining(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
    return entries;
  }
}
