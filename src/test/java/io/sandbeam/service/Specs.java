package io.sandbeam.service;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Values with every field set. */
final class Specs {
  private Specs() {}

  static SandboxSpec whole() {
    return SandboxSpec.builder()
        .image("python:3.11")
        .command(List.of("sleep", "5"))
        .env(Map.of("A", "b"))
        .workingDir("/tmp")
        .resources(new Resources(500, ByteSize.ofMebibytes(64), ByteSize.ofMebibytes(32), 10))
        .network(Network.OPEN)
        .maxLifetime(Duration.ofMinutes(1))
        .file("/workspace/file", new byte[] {0, 1, -1})
        .tags("one", "two")
        .annotations(Map.of("note", "x"))
        .restoreFrom("snapshot-1")
        .build();
  }
}
