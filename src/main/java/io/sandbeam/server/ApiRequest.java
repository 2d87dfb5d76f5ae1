package io.sandbeam.server;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.Query;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One call of the API: read, checked for form, and known whose it is.
 *
 * @param caller whose it is
 * @param id from the path; empty where the method has none
 * @param query its parameters
 * @param body its message, if the method has one
 * @param timeout the time limit that came in a header
 * @param seal what {@link io.sandbeam.service.http.wire.SealHeaders} asks for
 * @param prepare what {@link io.sandbeam.service.http.wire.PrepareHeaders} asks for, as it came
 * @param holds takes what is to be closed when the answer is written
 */
record ApiRequest(
    ApiMethod method,
    Caller caller,
    String id,
    Query query,
    Optional<Record> body,
    Optional<Duration> timeout,
    Optional<String> seal,
    Optional<String> prepare,
    Consumer<AutoCloseable> holds) {

  <T extends Record> T body(Class<T> type) {
    return type.cast(body.orElseThrow());
  }

  /** A body may repeat the id of the path, and may not contradict it. */
  void requireSameId(String repeated) {
    if (!repeated.isEmpty() && !repeated.equals(id)) {
      throw new SandboxValidationException(
          "sandboxId", "Invalid sandboxId: it is not the one of the path");
    }
  }
}
