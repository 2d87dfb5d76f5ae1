package io.sandbeam.yaml;

/**
 * A place in a pipeline file, as the user sees it in an editor: both numbers start at 1, and
 * variables are not yet filled in.
 */
record Location(String file, int line, int column) {

  PipelineFileException error(String message) {
    return new PipelineFileException(file, line, column, message, null);
  }

  PipelineFileException error(String message, Throwable cause) {
    return new PipelineFileException(file, line, column, message, cause);
  }
}
