package io.sandbeam.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.ReservedAnnotation;
import io.sandbeam.service.http.wire.SpecReader;
import io.sandbeam.service.http.wire.V1Spec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file of a server's templates: a JSON object of {@code "ID": {"revision": 1, "spec": {…}}},
 * each spec a whole one as the body of a create has it. Every mistake is refused, so that a
 * template that is there can be used.
 */
final class TemplateFile {
  private static final int MOST_BYTES = 16 << 20;
  private static final int MOST_TEMPLATES = 1000;
  private static final String FORM = "{\"ID\": {\"revision\": 1, \"spec\": {…}}}";
  private static final String REVISION = "revision";
  private static final String SPEC = "spec";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TemplateFile() {}

  /**
   * All templates by id.
   *
   * @throws SandboxException naming the template and the field that is wrong
   */
  static Map<String, Template> read(Path file) {
    JsonNode root = json(file);
    if (!root.isObject()) {
      throw new SandboxException(
          "Templates file '" + file + "' is not a JSON object of templates: write " + FORM);
    }
    if (root.size() > MOST_TEMPLATES) {
      throw new SandboxException(
          "Templates file '"
              + file
              + "' holds "
              + root.size()
              + " templates; it takes at most "
              + MOST_TEMPLATES);
    }
    Map<String, Template> templates = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      try {
        String id = Reach.requireId("id", entry.getKey());
        templates.put(id, template(entry.getValue()));
      } catch (SandboxException e) {
        throw new SandboxException(
            "Templates file '" + file + "', template '" + entry.getKey() + "': " + e.getMessage(),
            e);
      }
    }
    return Map.copyOf(templates);
  }

  private static JsonNode json(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new SandboxException(
            "Templates file '" + file + "' is above " + MOST_BYTES + " bytes");
      }
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      String at =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr();
      throw new SandboxException(
          "Templates file '" + file + "' is not JSON" + at + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new SandboxException(
          "Cannot read the templates file '"
              + file
              + "': "
              + e
              + ". --templates names a JSON file of "
              + FORM,
          e);
    }
  }

  private static Template template(JsonNode node) {
    if (!node.isObject()) {
      throw invalid("template", "it is not a JSON object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!name.equals(REVISION) && !name.equals(SPEC)) {
        throw invalid(name, "a template has the fields revision and spec");
      }
    }
    JsonNode revision = node.path(REVISION);
    if (!revision.isIntegralNumber() || !revision.canConvertToLong() || revision.asLong() < 1) {
      throw invalid(REVISION, "it is " + shown(revision) + ", not a whole number from 1");
    }
    return new Template(revision.asLong(), spec(node.path(SPEC)));
  }

  private static V1Spec.SandboxSpec spec(JsonNode node) {
    if (node.isMissingNode()) {
      throw invalid(SPEC, "it is missing");
    }
    V1Spec.SandboxSpec wire;
    try {
      wire = ProtoJson.readStrictly(JSON.writeValueAsBytes(node), V1Spec.SandboxSpec.class, SPEC);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was read can be written", e);
    }
    if (wire.annotations().containsKey(ReservedAnnotation.MAX_LIFETIME)) {
      // It would contradict the lifetime that comes with a request.
      throw invalid(
          "spec.annotations." + ReservedAnnotation.MAX_LIFETIME,
          "a template says its lifetime as maxLifetimeSeconds");
    }
    SandboxSpec spec = SpecReader.strictly(wire, SPEC);
    Reach.refuseOwnerTags("spec.tags", spec.tags());
    return wire;
  }

  private static String shown(JsonNode value) {
    String text = value.isMissingNode() ? "missing" : value.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static SandboxValidationException invalid(String field, String description) {
    return new SandboxValidationException(field, "Invalid " + field + ": " + description);
  }
}
