package io.sandbeam.service.http.wire;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxValidationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Messages as JSON, by the rules of proto3: lowerCamelCase names, defaults left out, 64-bit numbers
 * as strings, bytes as padded base64, enums by name, times in UTC with {@code Z}.
 *
 * <p>Reading accepts snake_case names too, numbers as strings, url-safe and unpadded base64, enums
 * by number, times with an offset, and null for absent. Safe for any number of threads.
 */
public final class ProtoJson {
  /** The longest string read: a file of the longest kind in base64, and some air. */
  private static final int MAX_STRING = SandboxService.MAX_FILE_BYTES / 3 * 4 + (1 << 20);

  /**
   * A message that is read strictly has no more values, in all its lists and maps: a few bytes of
   * text each become a hundred of memory.
   */
  static final int MOST_VALUES = 100_000;

  static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_STRING)
                  .maxNestingDepth(64)
                  .build())
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private ProtoJson() {}

  /** Writes a message. */
  public static byte[] write(Record message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try {
      write(message, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toByteArray();
  }

  /** Writes a message without holding its JSON in memory; leaves the stream open. */
  public static void write(Record message, OutputStream out) throws IOException {
    try (JsonGenerator generator = JSON.createGenerator(out)) {
      generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      writeMessage(generator, message);
    }
  }

  /**
   * Reads a message from somebody who must get it right: an unknown field or enum name, a field
   * given twice, two members of one oneof, a wrong type, text that is not Unicode, more values than
   * {@link #MOST_VALUES}, or anything after the message is refused.
   *
   * @param root what violations call the message ({@code sandbox}), or empty
   * @throws SandboxValidationException with every violation found
   */
  public static <T extends Record> T readStrictly(byte[] json, Class<T> type, String root) {
    return MessageReader.read(json, type, root, MessageReader.Mode.STRICT);
  }

  /**
   * Reads a message from a service that may be newer than we are: unknown fields are skipped, and
   * unknown enum names mean unspecified.
   *
   * @throws SandboxValidationException when it is not JSON, or a known field has a wrong type
   */
  public static <T extends Record> T readTolerantly(byte[] json, Class<T> type) {
    return MessageReader.read(json, type, "", MessageReader.Mode.TOLERANT);
  }

  private static void writeMessage(JsonGenerator generator, Object message) throws IOException {
    MessageShape shape = MessageShape.of(message.getClass());
    generator.writeStartObject();
    for (FieldShape field : shape.fields()) {
      Object value = shape.get(field, message);
      if (field.isUnset(value)) {
        continue;
      }
      generator.writeFieldName(field.name());
      if (field.repeated()) {
        generator.writeStartArray();
        for (Object element : (List<?>) value) {
          writeValue(generator, field, element);
        }
        generator.writeEndArray();
      } else {
        writeValue(generator, field, value);
      }
    }
    generator.writeEndObject();
  }

  private static void writeValue(JsonGenerator generator, FieldShape field, Object value)
      throws IOException {
    switch (field.kind()) {
      case BOOL -> generator.writeBoolean((Boolean) value);
      case INT32 -> generator.writeNumber((Integer) value);
      case UINT32 -> generator.writeNumber((Long) value);
      case BYTES ->
          generator.writeBinary(
              Base64Variants.MIME_NO_LINEFEEDS, (byte[]) value, 0, ((byte[]) value).length);
      case STRING, INT64, TIMESTAMP -> generator.writeString(value.toString());
      case ENUM -> generator.writeString(((Enum<?>) value).name());
      case STRING_MAP -> {
        generator.writeStartObject();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
          generator.writeStringField(entry.getKey().toString(), entry.getValue().toString());
        }
        generator.writeEndObject();
      }
      case MESSAGE -> writeMessage(generator, value);
    }
  }
}
