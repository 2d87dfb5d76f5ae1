package io.sandbeam.service.http.wire;

import io.sandbeam.service.SandboxValidationException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The HTTP header by which a client asks a Sandbeam server to make an image ready, since v1 has no
 * call for it. It goes with a ListSandboxes by a tag that nothing carries: a server that does not
 * know the header answers with an empty page.
 *
 * <p>The client sends what {@link #write} makes of the image. A server that knows the header
 * answers within {@link #LONGEST_WAIT}, in the same header, with {@link #READY}, or with {@link
 * #PENDING} while it is still at it: then the client asks again. An image that cannot be had is an
 * INVALID_ARGUMENT that names the field {@link #FIELD}. An answer without the header means that the
 * server cannot tell.
 */
public final class PrepareHeaders {
  public static final String NAME = "Sandbeam-Prepare";

  /** What the refusal of an image names. */
  public static final String FIELD = "image";

  /** The tag to list by. */
  public static final String TAG = "sandbeam-prepare";

  /** The image is there, or there was nothing to do. */
  public static final String READY = "ready";

  /** It is on its way. */
  public static final String PENDING = "pending";

  /** How long a server may take for an answer, besides the time of a list. */
  public static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private static final String DEFAULT = "default";
  private static final String IMAGE = "image=";

  /** Servers refuse a request whose headers are above 8 KiB in all, whatever they know. */
  private static final int LONGEST = 4096;

  private PrepareHeaders() {}

  /**
   * The header of an image: as it is, but that everything besides visible ASCII is percent-encoded
   * UTF-8.
   *
   * @param image empty means the server's default
   * @return empty when the image is too long for a header
   */
  public static Optional<String> write(Optional<String> image) {
    if (image.isEmpty()) {
      return Optional.of(DEFAULT);
    }
    StringBuilder text = new StringBuilder(IMAGE);
    for (byte b : image.get().getBytes(StandardCharsets.UTF_8)) {
      if (b > ' ' && b < 0x7f && b != '%') {
        text.append((char) b);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return Optional.of(text.toString()).filter(whole -> whole.length() <= LONGEST);
  }

  /**
   * The image of a header; empty means the server's default.
   *
   * @throws SandboxValidationException naming the header, when it is nothing that {@link #write}
   *     makes
   */
  public static Optional<String> read(String header) {
    if (header.equals(DEFAULT)) {
      return Optional.empty();
    }
    Optional<String> image =
        header.startsWith(IMAGE) && header.length() > IMAGE.length() && header.length() <= LONGEST
            ? decode(header.substring(IMAGE.length()))
            : Optional.empty();
    if (image.isEmpty()) {
      throw new SandboxValidationException(
          NAME,
          "Invalid "
              + NAME
              + " '"
              + Scalars.shorten(header)
              + "': it is '"
              + DEFAULT
              + "', or '"
              + IMAGE
              + "' and a name in visible ASCII, the rest percent-encoded UTF-8, of at most "
              + LONGEST
              + " characters");
    }
    return image;
  }

  private static Optional<String> decode(String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%' && isHex(encoded, i + 1) && isHex(encoded, i + 2)) {
        bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
        i += 2;
      } else if (c > ' ' && c < 0x7f && c != '%') {
        bytes.write(c);
      } else {
        return Optional.empty();
      }
    }
    return Unicode.ofUtf8(bytes.toByteArray());
  }

  private static boolean isHex(String text, int at) {
    return at < text.length() && HexFormat.isHexDigit(text.charAt(at));
  }
}
