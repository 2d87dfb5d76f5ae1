package io.sandbeam.sandbox;

import java.util.OptionalLong;

/**
 * A part of a file, in the order of {@link Sandbox#readFile(String, long)}.
 *
 * @param content at most {@link io.sandbeam.service.SandboxService#MAX_FILE_BYTES}; not copied
 * @param next where the next piece begins; empty when this was the last
 */
public record FilePiece(byte[] content, OptionalLong next) {
  static FilePiece last(byte[] content) {
    return new FilePiece(content, OptionalLong.empty());
  }
}
