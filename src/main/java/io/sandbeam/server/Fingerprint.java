package io.sandbeam.server;

import io.sandbeam.service.SandboxAlreadyExistsException;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxState;
import io.sandbeam.service.http.wire.ProtoJson;
import io.sandbeam.service.http.wire.SandboxMapping;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * Tells whether two requests are the same without keeping one: a salted SHA-256 of all of it. The
 * salt, another one each time, keeps a guess at a variable's value from being checked in bulk.
 */
final class Fingerprint {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SALT_BYTES = 16;

  private Fingerprint() {}

  /** Of a message in its one form: a spec's is {@link #message}. */
  static String of(Record message) {
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    return HexFormat.of().formatHex(salt) + ":" + hash(salt, message);
  }

  static boolean matches(String fingerprint, Record message) {
    int colon = fingerprint.indexOf(':');
    return colon > 0
        && fingerprint
            .substring(colon + 1)
            .equals(hash(HexFormat.of().parseHex(fingerprint.substring(0, colon)), message));
  }

  /** A request id of the service's own, in which no caller can meet another's. */
  static String scoped(Caller caller, String requestId) {
    return HexFormat.of()
        .formatHex(
            sha256().digest((caller.name() + "\n" + requestId).getBytes(StandardCharsets.UTF_8)));
  }

  /** Of a call with a scoped id: a refusal names the one that its caller gave. */
  static <T> CompletableFuture<T> named(String requestId, CompletableFuture<T> call) {
    return Futures.recover(
        call,
        SandboxAlreadyExistsException.class,
        taken ->
            CompletableFuture.failedFuture(
                new SandboxAlreadyExistsException(
                    "Request id '"
                        + requestId
                        + "' was already used with another request: mint a new one",
                    taken)));
  }

  /** A spec as a message, whatever the request looked like that it was read from. */
  static Record message(SandboxSpec spec) {
    SandboxInfo bare =
        new SandboxInfo(
            "",
            spec,
            SandboxState.PENDING,
            "",
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            spec.maxLifetime(),
            "",
            Map.of());
    return SandboxMapping.toWire(bare).spec();
  }

  private static String hash(byte[] salt, Record message) {
    MessageDigest digest = sha256();
    digest.update(salt);
    return HexFormat.of().formatHex(digest.digest(ProtoJson.write(message)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
