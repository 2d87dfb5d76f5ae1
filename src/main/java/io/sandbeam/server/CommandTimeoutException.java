package io.sandbeam.server;

/** A command reached the limit of the server itself, which its caller had not asked for. */
final class CommandTimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandTimeoutException(String message) {
    super(message);
  }
}
