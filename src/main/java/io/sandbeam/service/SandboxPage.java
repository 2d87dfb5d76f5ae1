package io.sandbeam.service;

import java.util.List;
import java.util.Optional;

/** One page of a list; the last one has no next token. */
public record SandboxPage(List<SandboxInfo> sandboxes, Optional<String> nextPageToken) {
  public SandboxPage {
    sandboxes = List.copyOf(sandboxes);
  }
}
