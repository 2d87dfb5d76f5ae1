package io.sandbeam.service;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which sandboxes to list, and which page of them.
 *
 * @param tags all of them must be on the sandbox; none means no filter
 * @param state only this state; a terminal one is found without {@code showTerminated}
 * @param showTerminated whether ended sandboxes are listed, too
 * @param pageSize the most entries of one page; 0 leaves it to the service
 * @param pageToken where the page starts: what the page before gave
 */
public record ListRequest(
    Set<Tag> tags,
    Optional<SandboxState> state,
    ShowTerminated showTerminated,
    int pageSize,
    Optional<String> pageToken) {

  public ListRequest {
    tags = Collections.unmodifiableSet(new LinkedHashSet<>(tags));
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(showTerminated, "showTerminated");
    Checks.atLeast("pageSize", 0, pageSize);
  }

  /** The first page of the active sandboxes that carry every tag. */
  public static ListRequest tagged(Collection<Tag> tags) {
    return new ListRequest(
        new LinkedHashSet<>(tags), Optional.empty(), ShowTerminated.NO, 0, Optional.empty());
  }

  /** Whether it asks for sandboxes in this state. */
  public boolean shows(SandboxState one) {
    return state.map(one::equals).orElse(showTerminated == ShowTerminated.YES || !one.isTerminal());
  }

  public ListRequest withState(SandboxState wanted) {
    return new ListRequest(tags, Optional.of(wanted), showTerminated, pageSize, pageToken);
  }

  public ListRequest withShowTerminated(ShowTerminated show) {
    return new ListRequest(tags, state, show, pageSize, pageToken);
  }

  public ListRequest withPageSize(int size) {
    return new ListRequest(tags, state, showTerminated, size, pageToken);
  }

  public ListRequest withPageToken(String token) {
    return new ListRequest(tags, state, showTerminated, pageSize, Optional.of(token));
  }
}
