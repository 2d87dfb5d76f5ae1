package io.sandbeam.service.http.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Single values from JSON and from query strings; what is wrong with one is said in a sentence. */
final class Scalars {
  private static final long UINT32_MAX = 0xFFFF_FFFFL;
  private static final int LONGEST_NUMBER = 40;
  private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9.]*([eE][+-]?[0-9]+)?");
  private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,10}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,9}))?s");

  static final String HALF_A_CHARACTER = "it holds half a surrogate pair, which is no character";

  private static final Pattern NOT_SHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cs}]");

  /** The values of enums by name, and by number. */
  private static final ClassValue<Map<String, Object>> ENUM_VALUES =
      new ClassValue<>() {
        @Override
        protected Map<String, Object> computeValue(Class<?> type) {
          Map<String, Object> values = new HashMap<>();
          Object[] constants = type.getEnumConstants();
          for (int number = 0; number < constants.length; number++) {
            values.put(((Enum<?>) constants[number]).name(), constants[number]);
            values.put(Integer.toString(number), constants[number]);
          }
          return values;
        }
      };

  private Scalars() {}

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  static Object read(JsonParser parser, FieldShape field, MessageReader.Mode mode)
      throws IOException {
    JsonToken token = parser.currentToken();
    boolean text = token == JsonToken.VALUE_STRING;
    boolean number = token.isNumeric();
    return switch (field.kind()) {
      case STRING -> {
        String value = requireText(text, parser);
        if (mode == MessageReader.Mode.STRICT && !Unicode.isWhole(value)) {
          throw new IllegalArgumentException(HALF_A_CHARACTER);
        }
        yield value;
      }
      case BYTES -> bytes(requireText(text, parser));
      case TIMESTAMP -> timestamp(requireText(text, parser));
      case BOOL -> {
        if (!token.isBoolean()) {
          throw new IllegalArgumentException("it is not true or false");
        }
        yield parser.getBooleanValue();
      }
      case INT32 -> (int) number(parser, text || number, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT32 -> number(parser, text || number, 0, UINT32_MAX);
      case INT64 -> number(parser, text || number, Long.MIN_VALUE, Long.MAX_VALUE);
      case ENUM -> {
        if (!text && !number) {
          throw new IllegalArgumentException("it is not the name of an enum value");
        }
        yield enumValue(field.type(), parser.getText(), mode);
      }
      case STRING_MAP, MESSAGE -> throw new IllegalStateException(field + " is no scalar");
    };
  }

  /** Of a query, which knows no other form than the plain one. */
  static int int32(String text) {
    if (!WHOLE_NUMBER.matcher(text).matches()) {
      throw notANumber(text, null);
    }
    return (int) number(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** By name, or by number where the number is known; tolerantly, anything else is unspecified. */
  static Object enumValue(Class<?> type, String text, MessageReader.Mode mode) {
    Map<String, Object> values = ENUM_VALUES.get(type);
    Object value = values.get(text);
    if (value == null && mode == MessageReader.Mode.TOLERANT) {
      return values.get("0");
    }
    if (value != null) {
      return value;
    }
    throw new IllegalArgumentException(
        "'" + shorten(text) + "' is not a value of " + type.getSimpleName());
  }

  static byte[] bytes(String base64) {
    try {
      return Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("it is not base64", e);
    }
  }

  static Instant timestamp(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + shorten(text) + "' is not an RFC 3339 time", e);
    }
  }

  /** {@code 1.500s}. */
  static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + shorten(text) + "' is not a duration such as 1.5s");
    }
    String fraction = matcher.group(2) == null ? "" : matcher.group(2);
    return Duration.ofSeconds(
        Long.parseLong(matcher.group(1)), Long.parseLong((fraction + "000000000").substring(0, 9)));
  }

  /** With 0, 3, 6 or 9 digits of fraction, as proto3 writes it. */
  static String duration(Duration duration) {
    String fraction = String.format(Locale.ROOT, "%09d", duration.toNanosPart());
    while (fraction.endsWith("000")) {
      fraction = fraction.substring(0, fraction.length() - 3);
    }
    return duration.toSeconds() + (fraction.isEmpty() ? "" : "." + fraction) + "s";
  }

  static String shorten(String text) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return NOT_SHOWN.matcher(shown).replaceAll("?");
  }

  private static String requireText(boolean text, JsonParser parser) throws IOException {
    if (!text) {
      throw new IllegalArgumentException("it is not a string");
    }
    return parser.getText();
  }

  private static long number(JsonParser parser, boolean numeric, long least, long most)
      throws IOException {
    if (!numeric) {
      throw new IllegalArgumentException("it is not a number");
    }
    return number(parser.getText(), least, most);
  }

  private static long number(String text, long least, long most) {
    if (text.length() > LONGEST_NUMBER || !NUMBER.matcher(text).matches()) {
      throw notANumber(text, null);
    }
    try {
      long value = new BigDecimal(text).longValueExact();
      if (value >= least && value <= most) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      throw notANumber(text, e);
    }
    throw notANumber(text, null);
  }

  private static IllegalArgumentException notANumber(String text, RuntimeException cause) {
    return new IllegalArgumentException(
        "'" + shorten(text) + "' is not a whole number in range", cause);
  }
}
