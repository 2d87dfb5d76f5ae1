package io.sandbeam.service.http;

import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import java.time.Duration;
import java.util.Map;

/**
 * One call of the API.
 *
 * @param id of the sandbox or snapshot in the path, or empty
 * @param file for error messages, or empty
 * @param body a message of {@link ApiMethod#body()}, or null
 * @param headers besides the usual ones
 * @param deadline from the start of one try to the last byte of its answer
 * @param mostBytes of the answer's body; a longer one is refused
 */
record ApiCall(
    ApiMethod method,
    String id,
    String file,
    Query query,
    Record body,
    Map<String, String> headers,
    Duration deadline,
    long mostBytes) {

  /** Above the largest spec with its files, or a page of them. */
  private static final long USUAL_MOST_BYTES = 64L << 20;

  static ApiCall of(ApiMethod method, String id, Duration deadline) {
    return new ApiCall(
        method, id, "", Query.of(method).build(), null, Map.of(), deadline, USUAL_MOST_BYTES);
  }

  ApiCall withQuery(Query given) {
    return new ApiCall(method, id, file, given, body, headers, deadline, mostBytes);
  }

  ApiCall withBody(Record message) {
    return new ApiCall(method, id, file, query, message, headers, deadline, mostBytes);
  }

  ApiCall withFile(String path) {
    return new ApiCall(method, id, path, query, body, headers, deadline, mostBytes);
  }

  ApiCall withHeaders(Map<String, String> more) {
    return new ApiCall(method, id, file, query, body, more, deadline, mostBytes);
  }

  ApiCall withMostBytes(long most) {
    return new ApiCall(method, id, file, query, body, headers, deadline, most);
  }
}
