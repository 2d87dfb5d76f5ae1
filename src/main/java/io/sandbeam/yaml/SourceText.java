package io.sandbeam.yaml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text of a pipeline file with its variables filled in, which still knows where in the written
 * file each character came from.
 */
final class SourceText {
  private final String file;
  private final String written;
  private final int[] lineStarts;
  private final StringBuilder text = new StringBuilder();
  private final List<Piece> pieces = new ArrayList<>();

  /** Characters of the result from {@code at} on come from {@code source} in the written file. */
  private record Piece(int at, int source, Origin origin) {}

  private enum Origin {
    WRITTEN,
    VARIABLE
  }

  SourceText(String file, String written) {
    this.file = file;
    this.written = written;
    this.lineStarts = lineStarts(written);
  }

  /** Takes over the written characters from one offset up to another. */
  void copy(int from, int to) {
    if (from < to) {
      pieces.add(new Piece(text.length(), from, Origin.WRITTEN));
      text.append(written, from, to);
    }
  }

  /** Puts in the value of the variable that is written at an offset. */
  void insert(int source, String value) {
    if (!value.isEmpty()) {
      pieces.add(new Piece(text.length(), source, Origin.VARIABLE));
      text.append(value);
    }
  }

  String file() {
    return file;
  }

  String text() {
    return text.toString();
  }

  /** The place of a character offset in the written file. */
  Location written(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    int line = found >= 0 ? found : -found - 2;
    int column = written.codePointCount(lineStarts[line], Math.min(offset, written.length()));
    return new Location(file, line + 1, column + 1);
  }

  /** The place, in the written file, of a character offset in the result. */
  Location at(int offset) {
    if (pieces.isEmpty()) {
      return written(0);
    }
    int low = 0;
    int high = pieces.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (pieces.get(middle).at() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    Piece piece = pieces.get(low);
    int shift = piece.origin() == Origin.WRITTEN ? Math.max(0, offset - piece.at()) : 0;
    return written(Math.min(piece.source() + shift, written.length()));
  }

  private static int[] lineStarts(String text) {
    List<Integer> starts = new ArrayList<>(List.of(0));
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\n') {
        starts.add(i + 1);
      }
    }
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }
}
