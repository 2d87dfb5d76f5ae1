package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.SandboxValidationException.Violation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The query parameters of one request, decoded. Holds none that its method does not publish, and
 * none with its default. Immutable.
 */
public final class Query {
  private final ApiMethod method;
  private final Map<String, List<String>> values;

  private Query(ApiMethod method, Map<String, List<String>> values) {
    this.method = method;
    this.values = values;
  }

  public static Builder of(ApiMethod method) {
    return new Builder(method);
  }

  /**
   * Reads what a caller sent.
   *
   * @param sent decoded values by name, lowerCamelCase or snake_case
   * @throws SandboxValidationException for a name the method does not publish, a parameter given
   *     twice that is not repeated, or a value of the wrong type
   */
  public static Query parse(ApiMethod method, Map<String, List<String>> sent) {
    List<Violation> violations = new ArrayList<>();
    Builder builder = of(method);
    sent.forEach(
        (name, given) -> {
          Optional<QueryParameter> parameter = find(method, name);
          if (parameter.isEmpty()) {
            violations.add(unknown(method, Scalars.shorten(name)));
          } else if (!parameter.get().repeated()
              && given.size()
                      + builder.values.getOrDefault(parameter.get().name(), List.of()).size()
                  > 1) {
            violations.add(new Violation(name, "it is given more than once"));
          } else {
            given.forEach(value -> check(parameter.get(), value, violations));
            given.forEach(value -> builder.add(parameter.get().name(), value));
          }
        });
    if (!violations.isEmpty()) {
      Violation first = violations.get(0);
      throw new SandboxValidationException(
          "Invalid query parameter '" + first.field() + "': " + first.description(), violations);
    }
    return builder.build();
  }

  private static Violation unknown(ApiMethod method, String name) {
    return new Violation(
        name,
        name.isEmpty()
            ? "the query holds a parameter without a name"
            : method.rpc() + " has no query parameter '" + name + "'");
  }

  private static Optional<QueryParameter> find(ApiMethod method, String name) {
    return method.query().stream()
        .filter(p -> p.name().equals(name) || snakeCase(p.name()).equals(name))
        .findFirst();
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static void check(QueryParameter parameter, String value, List<Violation> violations) {
    try {
      if (parameter.repeated() && value.isEmpty()) {
        // Left out, an empty filter would let all through, and an empty volume take no snapshot.
        throw new IllegalArgumentException("it is empty: give it a value, or leave it out");
      }
      switch (parameter.kind()) {
        case INT32 -> Scalars.int32(value);
        case ENUM -> Scalars.enumValue(V1Status.State.class, value, MessageReader.Mode.STRICT);
        case BOOL -> {
          if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(
                "'" + Scalars.shorten(value) + "' is not true or false");
          }
        }
        default -> {}
      }
    } catch (IllegalArgumentException e) {
      violations.add(new Violation(parameter.name(), e.getMessage()));
    }
  }

  /** The value, or empty when it was not given. */
  public String string(String name) {
    List<String> all = strings(name);
    return all.isEmpty() ? "" : all.get(0);
  }

  /** All values of a repeated parameter, in their order. */
  public List<String> strings(String name) {
    requirePublished(method, name);
    return values.getOrDefault(name, List.of());
  }

  /** The number, or 0 when it was not given. */
  public int int32(String name) {
    String text = string(name);
    return text.isEmpty() ? 0 : Scalars.int32(text);
  }

  /** The flag, or false when it was not given. */
  public boolean bool(String name) {
    return string(name).equals("true");
  }

  /** The state, or unspecified when it was not given. */
  public V1Status.State state(String name) {
    String text = string(name);
    return text.isEmpty()
        ? V1Status.State.STATE_UNSPECIFIED
        : (V1Status.State) Scalars.enumValue(V1Status.State.class, text, MessageReader.Mode.STRICT);
  }

  /** All of them, decoded, by their lowerCamelCase names. */
  public Map<String, List<String>> asMap() {
    return values;
  }

  private static void requirePublished(ApiMethod method, String name) {
    if (method.query().stream().noneMatch(p -> p.name().equals(name))) {
      throw new IllegalArgumentException(method.rpc() + " publishes no query parameter " + name);
    }
  }

  /** Builds a {@link Query}; what has its default is left out. Not thread-safe. */
  public static final class Builder {
    private final ApiMethod method;
    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private Builder(ApiMethod method) {
      this.method = method;
    }

    public Builder add(String name, String value) {
      requirePublished(method, name);
      if (!value.isEmpty()) {
        values.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
      }
      return this;
    }

    public Builder addAll(String name, Iterable<String> all) {
      all.forEach(value -> add(name, value));
      return this;
    }

    public Builder add(String name, int value) {
      return value == 0 ? this : add(name, Integer.toString(value));
    }

    public Builder add(String name, boolean value) {
      return value ? add(name, "true") : this;
    }

    public Query build() {
      Map<String, List<String>> copy = new LinkedHashMap<>();
      values.forEach((name, all) -> copy.put(name, List.copyOf(all)));
      return new Query(method, Collections.unmodifiableMap(copy));
    }
  }
}
