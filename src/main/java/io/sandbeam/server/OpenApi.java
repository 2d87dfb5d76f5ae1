package io.sandbeam.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.FieldShape;
import io.sandbeam.service.http.wire.MessageShape;
import io.sandbeam.service.http.wire.QueryParameter;
import io.sandbeam.service.http.wire.V1Status;
import java.util.Arrays;
import java.util.Locale;

/**
 * The API's description of itself as OpenAPI 3.1, made from the method table and the messages that
 * carry out the calls, so that it cannot say anything else.
 */
final class OpenApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";

  private final ObjectNode document = JSON.createObjectNode();
  private final ObjectNode schemas = JSON.createObjectNode();

  private OpenApi() {}

  /** The document, as JSON. */
  static String document(String version) {
    return new OpenApi().write(version);
  }

  private String write(String version) {
    document.put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Sandbox v1")
        .put("version", version)
        .put("description", "The Sandbox v1 API as `sandbeam serve` offers it.");
    ObjectNode paths = document.putObject("paths");
    for (ApiMethod method : ApiMethod.values()) {
      ObjectNode path = paths.withObject("/" + escape(method.pathTemplate()));
      operation(path.putObject(method.verb().name().toLowerCase(Locale.ROOT)), method);
    }
    statusSchema();
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas);
    ObjectNode security = components.putObject("securitySchemes");
    security.putObject("bearer").put("type", "http").put("scheme", "bearer");
    security
        .putObject("apiKey")
        .put("type", "apiKey")
        .put("in", "header")
        .put("name", "x-wandb-api-key");
    ArrayNode either = document.putArray("security");
    either.addObject().putArray("bearer");
    either.addObject().putArray("apiKey");
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain nodes can be written", e);
    }
  }

  private void operation(ObjectNode operation, ApiMethod method) {
    operation.put("operationId", method.rpc());
    if (method.idName().isPresent() || !method.query().isEmpty()) {
      ArrayNode parameters = operation.putArray("parameters");
      method
          .idName()
          .ifPresent(
              name ->
                  parameters
                      .addObject()
                      .put("name", name)
                      .put("in", "path")
                      .put("required", true)
                      .putObject("schema")
                      .put("type", "string"));
      method.query().forEach(parameter -> query(parameters.addObject(), parameter));
    }
    method
        .body()
        .ifPresent(
            body -> {
              ObjectNode request = operation.putObject("requestBody").put("required", true);
              reference(
                  request.putObject("content").putObject(JSON_TYPE).putObject("schema"), body);
            });
    ObjectNode responses = operation.putObject("responses");
    ObjectNode success = responses.putObject("200").put("description", "Done.");
    reference(
        success.putObject("content").putObject(JSON_TYPE).putObject("schema"), method.response());
    responses
        .putObject("default")
        .put("description", "Not done.")
        .putObject("content")
        .putObject(JSON_TYPE)
        .putObject("schema")
        .put("$ref", "#/components/schemas/Status");
  }

  private static void query(ObjectNode node, QueryParameter parameter) {
    node.put("name", parameter.name()).put("in", "query");
    if (parameter.required()) {
      node.put("required", true);
    }
    ObjectNode schema = node.putObject("schema");
    if (parameter.repeated()) {
      node.put("style", "form").put("explode", true);
      schema.put("type", "array");
      schema = schema.putObject("items");
    }
    scalar(schema, parameter.kind(), V1Status.State.class);
  }

  private void reference(ObjectNode node, Class<?> message) {
    MessageShape shape = MessageShape.of(message);
    node.put("$ref", "#/components/schemas/" + shape.name());
    if (schemas.has(shape.name())) {
      return;
    }
    ObjectNode schema = schemas.putObject(shape.name());
    schema.put("type", "object").put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    for (FieldShape field : shape.fields()) {
      ObjectNode property = properties.putObject(field.name());
      field
          .oneOf()
          .ifPresent(
              group -> property.put("description", "At most one of the group '" + group + "'."));
      if (field.repeated()) {
        property.put("type", "array");
        value(property.putObject("items"), field);
      } else {
        value(property, field);
      }
    }
  }

  private void value(ObjectNode node, FieldShape field) {
    if (field.kind() == FieldShape.Kind.MESSAGE) {
      reference(node, field.type());
    } else {
      scalar(node, field.kind(), field.type());
    }
  }

  private static void scalar(ObjectNode node, FieldShape.Kind kind, Class<?> type) {
    switch (kind) {
      case STRING -> node.put("type", "string");
      case BOOL -> node.put("type", "boolean");
      case INT32 -> node.put("type", "integer").put("format", "int32");
      case UINT32 -> node.put("type", "integer").put("format", "uint32").put("minimum", 0);
      case INT64 -> node.put("type", "string").put("format", "int64");
      case BYTES -> node.put("type", "string").put("contentEncoding", "base64");
      case TIMESTAMP -> node.put("type", "string").put("format", "date-time");
      case STRING_MAP ->
          node.put("type", "object").putObject("additionalProperties").put("type", "string");
      case ENUM -> {
        ArrayNode names = node.put("type", "string").putArray("enum");
        Arrays.stream(type.getEnumConstants()).forEach(one -> names.add(((Enum<?>) one).name()));
      }
      case MESSAGE -> throw new IllegalStateException("a message is no scalar");
    }
  }

  /** Errors are {@code google.rpc.Status}, whose details are of several kinds. */
  private void statusSchema() {
    ObjectNode properties =
        schemas.putObject("Status").put("type", "object").putObject("properties");
    properties.putObject("code").put("type", "integer").put("format", "int32");
    properties.putObject("message").put("type", "string");
    ObjectNode detail = properties.putObject("details").put("type", "array").putObject("items");
    detail.put("type", "object").putArray("required").add("@type");
    detail.putObject("properties").putObject("@type").put("type", "string");
  }

  /** As a segment of a JSON pointer. */
  private static String escape(String path) {
    return path.replace("~", "~0").replace("/", "~1");
  }
}
