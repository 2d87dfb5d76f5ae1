package io.sandbeam.service.docker;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Tells apart what shares one stream: raw output, the token behind a command's last byte, and the
 * reports of process 1. Both marks begin with a byte that text does not have, and are random, so
 * that no command can write one by chance or on purpose. Used by one thread.
 */
final class OutputScanner {
  /** What both kinds of marks begin with. */
  static final char MARK = '\u001e';

  /** Of a mark, with the byte that it begins with. */
  static final int MARK_LENGTH = 33;

  private static final int LONGEST_REPORT = 200;

  /** Hears what there is, in its order. */
  interface Sink {
    void output(byte[] bytes, int offset, int length);

    /** The token that output now ends with, if there is a command whose output this is. */
    Optional<byte[]> token();

    void token(byte[] token);

    void report(String text);
  }

  private final byte[] secret;
  private final Sink sink;
  private byte[] held = new byte[0];

  OutputScanner(String secret, Sink sink) {
    this.secret = secret.getBytes(StandardCharsets.US_ASCII);
    this.sink = sink;
  }

  void scan(byte[] bytes, int length) {
    byte[] all = bytes;
    int end = length;
    if (held.length > 0) {
      all = Arrays.copyOf(held, held.length + length);
      System.arraycopy(bytes, 0, all, held.length, length);
      end = all.length;
      held = new byte[0];
    }
    int from = 0;
    int at = 0;
    while (at < end) {
      if (all[at] != MARK) {
        at++;
        continue;
      }
      int consumed = mark(all, from, at, end);
      if (consumed < 0) {
        // The rest of it is still to come.
        output(all, from, at);
        held = Arrays.copyOfRange(all, at, end);
        return;
      }
      if (consumed == 0) {
        at++;
      } else {
        at += consumed;
        from = at;
      }
    }
    output(all, from, end);
  }

  /** How many bytes a mark at this place has; 0 when it is none; -1 when that cannot be told. */
  private int mark(byte[] all, int from, int at, int end) {
    int seen = Math.min(MARK_LENGTH, end - at);
    if (begins(secret, all, at, seen)) {
      if (seen < MARK_LENGTH) {
        return -1;
      }
      int line = at + MARK_LENGTH;
      int stop = Math.min(end, line + LONGEST_REPORT);
      for (int i = line; i < stop; i++) {
        if (all[i] == '\n') {
          output(all, from, at);
          sink.report(new String(all, line, i - line, StandardCharsets.US_ASCII).strip());
          return i + 1 - at;
        }
      }
      return end - line < LONGEST_REPORT ? -1 : 0;
    }
    byte[] token = sink.token().orElse(null);
    if (token == null || !begins(token, all, at, seen)) {
      return 0;
    }
    if (seen < MARK_LENGTH) {
      return -1;
    }
    output(all, from, at);
    sink.token(token);
    return MARK_LENGTH;
  }

  private static boolean begins(byte[] mark, byte[] all, int at, int length) {
    return Arrays.equals(mark, 0, length, all, at, at + length);
  }

  private void output(byte[] all, int from, int to) {
    if (to > from) {
      sink.output(all, from, to - from);
    }
  }
}
