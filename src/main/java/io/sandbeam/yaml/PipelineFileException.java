package io.sandbeam.yaml;

/**
 * A pipeline file that cannot be run as it is written. The message is made for the person who wrote
 * the file: it names the file, the line and column, the offending text and what is allowed there.
 * It needs no stack trace.
 */
public final class PipelineFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String file;
  private final int line;
  private final int column;

  PipelineFileException(String file, int line, int column, String message, Throwable cause) {
    super(place(file, line, column) + ": " + message, cause);
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** A problem of the file as a whole. */
  static PipelineFileException ofFile(String file, String message) {
    return new PipelineFileException(file, 0, 0, message, null);
  }

  private static String place(String file, int line, int column) {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }

  /** The file as it was named to {@link PipelineFile#read}. */
  public String file() {
    return file;
  }

  /** The line, from 1; 0 when the problem is the file as a whole. */
  public int line() {
    return line;
  }

  /** The column, from 1; 0 when the problem is the file as a whole. */
  public int column() {
    return column;
  }
}
