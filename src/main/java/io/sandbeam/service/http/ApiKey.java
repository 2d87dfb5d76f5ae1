package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.ServiceConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What tells the service who calls. It comes from the environment or a file of the machine that
 * makes the call, never from the configuration, which travels; and it is shown nowhere.
 */
final class ApiKey {
  /** As in the public SDKs. */
  static final String VARIABLE = "CWSANDBOX_API_KEY";

  /** A setting: the file that holds the key. */
  static final String FILE_SETTING = "apiKeyFile";

  /** A setting: the variable that holds the key, if not {@link #VARIABLE}. */
  static final String VARIABLE_SETTING = "apiKeyVariable";

  private static final int SHORTEST_REDACTED = 6;

  private final String value;

  private ApiKey(String value) {
    this.value = value;
  }

  /** The key in force; empty when there is none: then the service decides what it allows. */
  static Optional<ApiKey> find(ServiceConfig config, Map<String, String> environment) {
    String file = config.settings().get(FILE_SETTING);
    if (file != null) {
      return Optional.of(checked(read(file), "file '" + file + "'"));
    }
    String variable = config.settings().getOrDefault(VARIABLE_SETTING, VARIABLE);
    String key = environment.getOrDefault(variable, "").strip();
    return key.isEmpty() ? Optional.empty() : Optional.of(checked(key, "variable " + variable));
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new SandboxException("Cannot read the API key from file '" + file + "': " + e, e);
    }
  }

  /** A header holds visible ASCII only; the refusal does not show the key. */
  private static ApiKey checked(String key, String source) {
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new SandboxValidationException(
          "apiKey", "Invalid API key in " + source + ": it is empty or not one word of ASCII");
    }
    return new ApiKey(key);
  }

  String authorization() {
    return "Bearer " + value;
  }

  /** A text from outside, in which the key must not come back. */
  String redact(String text) {
    return value.length() < SHORTEST_REDACTED ? text : text.replace(value, "***");
  }

  @Override
  public String toString() {
    return "ApiKey{***}";
  }
}
