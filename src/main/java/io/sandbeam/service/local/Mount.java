package io.sandbeam.service.local;

/** One thing of the host that a sandbox sees. */
sealed interface Mount {

  /** A file or folder of the host, read-only. */
  record ReadOnly(String source, String target) implements Mount {}

  /** A symbolic link made in the sandbox. */
  record Link(String content, String target) implements Mount {}
}
