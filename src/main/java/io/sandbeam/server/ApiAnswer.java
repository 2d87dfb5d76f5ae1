package io.sandbeam.server;

import java.util.Map;

/**
 * What a call answers.
 *
 * @param message the body
 * @param headers besides the usual ones
 */
record ApiAnswer(Record message, Map<String, String> headers) {
  static ApiAnswer of(Record message) {
    return new ApiAnswer(message, Map.of());
  }
}
