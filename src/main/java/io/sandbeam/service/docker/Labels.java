package io.sandbeam.service.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import io.sandbeam.service.leased.SpecJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a container says about itself to everybody who may ask its engine: a label for each tag, and
 * the spec. Of variables and files only the names: their values may be secret.
 */
final class Labels {
  /** On every container of ours, and on nothing else's. */
  static final String PRODUCT = "sandbeam";

  private static final String TAG = PRODUCT + ".tag.";
  private static final String SPEC = PRODUCT + ".spec";

  /** Whole seconds; with the engine's own time of the create it says when a sandbox is overdue. */
  private static final String LIFETIME = PRODUCT + ".lifetime";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The sandbox that a container which is none serves. */
  private static final String SERVES = PRODUCT + ".serves";

  private Labels() {}

  static Map<String, String> of(SandboxSpec spec) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(PRODUCT, "");
    spec.tags().forEach(tag -> labels.put(TAG + tag.value(), ""));
    labels.put(SPEC, json(spec).toString());
    labels.put(LIFETIME, Long.toString(spec.maxLifetime().plusMillis(999).toSeconds()));
    return labels;
  }

  /**
   * Of a container that a sandbox needs for a while: all that the sandbox has, so that who lists
   * that one's tags finds it, too; but nothing of the client's own, who must not take it for what
   * it asked for.
   */
  static Map<String, String> ofServant(SandboxSpec spec, String sandboxId) {
    Map<String, String> labels = of(spec);
    ObjectNode json = json(spec);
    json.remove(SpecJson.ANNOTATIONS);
    labels.put(SPEC, json.toString());
    labels.put(SERVES, sandboxId);
    return labels;
  }

  /** The sandbox that it serves; empty when it is one itself. */
  static Optional<String> serves(Map<String, String> labels) {
    return Optional.ofNullable(labels.get(SERVES));
  }

  /** What to filter by, so that the engine lists only containers with every one of these tags. */
  static List<String> filter(Collection<Tag> tags) {
    List<String> labels = new ArrayList<>(List.of(PRODUCT));
    tags.forEach(tag -> labels.add(TAG + tag.value()));
    return labels;
  }

  static boolean areOurs(Map<String, String> labels) {
    return labels != null && labels.containsKey(PRODUCT) && labels.containsKey(SPEC);
  }

  static Optional<Duration> lifetime(Map<String, String> labels) {
    String text = labels == null ? null : labels.get(LIFETIME);
    return text == null || !text.matches("\\d{1,9}")
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(Long.parseLong(text)));
  }

  /** The spec as others see it: values of variables are empty, and files have no content. */
  static SandboxSpec spec(Map<String, String> labels) {
    try {
      return SpecJson.read(JSON.readTree(labels.get(SPEC)));
    } catch (JsonProcessingException | RuntimeException e) {
      // A later version may write what this one cannot read: then it is still a sandbox.
      SandboxSpec.Builder spec = SandboxSpec.builder().tags(PRODUCT);
      labels.keySet().stream()
          .filter(label -> label.startsWith(TAG))
          .forEach(label -> spec.tags(label.substring(TAG.length())));
      return spec.build();
    }
  }

  /** Whether two specs are the same to those who see labels only. */
  static boolean match(Map<String, String> labels, SandboxSpec spec) {
    return json(spec).toString().equals(labels.get(SPEC));
  }

  private static ObjectNode json(SandboxSpec spec) {
    ObjectNode json = JSON.createObjectNode();
    SpecJson.write(spec, json);
    return json;
  }
}
