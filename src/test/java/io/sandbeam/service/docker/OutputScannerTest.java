package io.sandbeam.service.docker;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However a stream is cut into pieces, its output and its marks are the same. */
class OutputScannerTest {
  private static final String SECRET = OutputScanner.MARK + "0123456789abcdef0123456789abcdef";
  private static final String TOKEN = OutputScanner.MARK + "0123456789abcdef0123456789ABCDEF";

  /** Writes down what it hears. */
  private static final class Heard implements OutputScanner.Sink {
    final ByteArrayOutputStream output = new ByteArrayOutputStream();
    final List<String> marks = new ArrayList<>();

    @Override
    public void output(byte[] bytes, int offset, int length) {
      output.write(bytes, offset, length);
    }

    @Override
    public Optional<byte[]> token() {
      return Optional.of(ascii(TOKEN));
    }

    @Override
    public void token(byte[] token) {
      marks.add("token at " + output.size());
    }

    @Override
    public void report(String text) {
      marks.add(text + " at " + output.size());
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Heard scan(byte[] stream, Random cuts) {
    Heard heard = new Heard();
    OutputScanner scanner = new OutputScanner(SECRET, heard);
    int at = 0;
    while (at < stream.length) {
      int length = Math.min(stream.length - at, 1 + cuts.nextInt(40));
      byte[] piece = new byte[64];
      System.arraycopy(stream, at, piece, 0, length);
      scanner.scan(piece, length);
      at += length;
    }
    return heard;
  }

  @Test
  void givenMarksBetweenBytes_whenCutAnywhere_thenEachIsHeardAtItsPlace() {
    String mark = Character.toString(OutputScanner.MARK);
    byte[] stream =
        ascii(
            "ab"
                + SECRET
                + " exit 1 0 0 0\n"
                + mark
                + "cd"
                + mark
                + mark
                + TOKEN
                + "ef"
                + SECRET
                + " turn 3\n"
                + SECRET.substring(0, 20)
                + "gh"
                + TOKEN.substring(0, 32)
                + "ij");
    String expected =
        "ab"
            + mark
            + "cd"
            + mark
            + mark
            + "ef"
            + SECRET.substring(0, 20)
            + "gh"
            + TOKEN.substring(0, 32)
            + "ij";
    for (int seed = 0; seed < 200; seed++) {
      Heard heard = scan(stream, new Random(seed));

      assertThat(heard.output.toString(StandardCharsets.ISO_8859_1), is(expected));
      assertThat(heard.marks, is(List.of("exit 1 0 0 0 at 2", "token at 7", "turn 3 at 9")));
    }
  }

  @Test
  void givenTheSecretWithoutAnEndOfLine_thenItIsOutputInTheEndAndNothingIsHeldForEver() {
    byte[] stream = ascii(SECRET + "x".repeat(1000) + "\n");

    Heard heard = scan(stream, new Random(1));

    assertThat(heard.output.size(), is(stream.length));
    assertThat(heard.marks, is(List.of()));
  }
}
