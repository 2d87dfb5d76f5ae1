package io.sandbeam.service.http.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandbeam.service.SandboxValidationException.Violation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * {@link RpcStatus} as JSON. Writing follows proto3; reading never fails, because an error may come
 * from a proxy that knows nothing of us: a Connect error, plain text or HTML leave the HTTP status
 * to decide.
 */
public final class RpcStatusJson {
  private static final String TYPES = "type.googleapis.com/google.rpc.";
  private static final int LONGEST_MESSAGE = 500;
  private static final ObjectMapper MAPPER = new ObjectMapper(ProtoJson.JSON);

  private RpcStatusJson() {}

  public static byte[] write(RpcStatus status) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = ProtoJson.JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("code", status.code().number());
      json.writeStringField("message", status.message());
      boolean details =
          !status.reason().isEmpty()
              || status.retryDelay().isPresent()
              || !status.violations().isEmpty();
      if (details) {
        json.writeArrayFieldStart("details");
        writeReason(json, status);
        writeRetryDelay(json, status);
        writeViolations(json, status);
        json.writeEndArray();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toByteArray();
  }

  private static void writeReason(JsonGenerator json, RpcStatus status) throws IOException {
    if (status.reason().isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("@type", TYPES + "ErrorInfo");
    json.writeStringField("reason", status.reason());
    json.writeStringField("domain", RpcStatus.DOMAIN);
    if (!status.metadata().isEmpty()) {
      json.writeObjectFieldStart("metadata");
      for (Map.Entry<String, String> entry : status.metadata().entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void writeRetryDelay(JsonGenerator json, RpcStatus status) throws IOException {
    if (status.retryDelay().isPresent()) {
      json.writeStartObject();
      json.writeStringField("@type", TYPES + "RetryInfo");
      json.writeStringField("retryDelay", Scalars.duration(status.retryDelay().get()));
      json.writeEndObject();
    }
  }

  private static void writeViolations(JsonGenerator json, RpcStatus status) throws IOException {
    if (status.violations().isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringField("@type", TYPES + "BadRequest");
    json.writeArrayFieldStart("fieldViolations");
    for (Violation violation : status.violations()) {
      json.writeStartObject();
      json.writeStringField("field", violation.field());
      json.writeStringField("description", violation.description());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Reads an error's body, whatever it is. */
  public static RpcStatus read(byte[] body, int httpStatus) {
    try {
      JsonNode json = MAPPER.readTree(body);
      if (json != null && json.isObject()) {
        return read(json, httpStatus);
      }
    } catch (IOException e) {
      // Not JSON: said below, by the status and the text itself.
      return fromText(body, httpStatus);
    }
    return fromText(body, httpStatus);
  }

  private static RpcStatus fromText(byte[] body, int httpStatus) {
    String text = new String(body, StandardCharsets.UTF_8);
    String readable = text.replaceAll("<[^>]*>", " ").replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return RpcStatus.of(
        RpcStatus.Code.ofHttpStatus(httpStatus),
        "HTTP " + httpStatus + (readable.isEmpty() ? "" : ": " + shorten(readable)));
  }

  private static RpcStatus read(JsonNode json, int httpStatus) {
    // Gateways nest it: {"error": {...}}.
    JsonNode status = json.path("error").isObject() ? json.path("error") : json;
    RpcStatus.Code code =
        code(status.path("code"))
            .or(() -> code(status.path("status")))
            .orElseGet(() -> RpcStatus.Code.ofHttpStatus(httpStatus));
    String message = status.path("message").asText("");
    RpcStatus read =
        RpcStatus.of(
            code,
            message.isEmpty()
                ? "HTTP " + httpStatus + (json.isEmpty() ? "" : ": " + shorten(json.toString()))
                : shorten(message));
    List<Violation> violations = new ArrayList<>();
    for (JsonNode detail : status.path("details")) {
      JsonNode value = detail.path("debug").isObject() ? detail.path("debug") : detail;
      String type = detail.path("@type").asText(detail.path("type").asText(""));
      if (type.endsWith("google.rpc.ErrorInfo") && read.reason().isEmpty()) {
        read = withReason(read, value);
      } else if (type.endsWith("google.rpc.RetryInfo")) {
        read = read.withRetryDelay(retryDelay(value).or(read::retryDelay));
      } else if (type.endsWith("google.rpc.BadRequest")) {
        for (JsonNode violation : either(value, "fieldViolations", "field_violations")) {
          violations.add(
              new Violation(
                  violation.path("field").asText(""),
                  shorten(violation.path("description").asText(""))));
        }
      }
    }
    return read.withViolations(violations);
  }

  private static RpcStatus withReason(RpcStatus status, JsonNode info) {
    if (!info.path("domain").asText("").equals(RpcStatus.DOMAIN)) {
      return status;
    }
    Map<String, String> metadata = new TreeMap<>();
    info.path("metadata")
        .fields()
        .forEachRemaining(entry -> metadata.put(entry.getKey(), entry.getValue().asText("")));
    return new RpcStatus(
        status.code(),
        status.message(),
        info.path("reason").asText(""),
        metadata,
        status.retryDelay(),
        status.violations());
  }

  private static Optional<Duration> retryDelay(JsonNode value) {
    String text = either(value, "retryDelay", "retry_delay").asText("");
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Scalars.duration(text));
    } catch (IllegalArgumentException e) {
      // A hint we cannot read is no hint.
      return Optional.empty();
    }
  }

  /** A number, a number in a string, or a name such as {@code not_found}. */
  private static Optional<RpcStatus.Code> code(JsonNode node) {
    RpcStatus.Code[] codes = RpcStatus.Code.values();
    String text = node.asText("").toUpperCase(Locale.ROOT);
    for (RpcStatus.Code code : codes) {
      boolean named = code.name().equals(text) || Integer.toString(code.number()).equals(text);
      if (named && code != RpcStatus.Code.OK) {
        return Optional.of(code);
      }
    }
    return text.equals("CANCELED") ? Optional.of(RpcStatus.Code.CANCELLED) : Optional.empty();
  }

  private static JsonNode either(JsonNode node, String camelCase, String snakeCase) {
    return node.has(camelCase) ? node.path(camelCase) : node.path(snakeCase);
  }

  private static String shorten(String text) {
    return text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) + "…" : text;
  }
}
