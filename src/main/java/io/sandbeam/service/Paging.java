package io.sandbeam.service;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How services cut lists into pages: of things with ordered ids. The token is the last id of the
 * page before: what comes and goes meanwhile moves nothing that stays.
 */
public final class Paging {
  private static final int DEFAULT_SIZE = 100;
  private static final int LARGEST = 1000;

  private Paging() {}

  /**
   * Part of a list.
   *
   * @param next the token of the next page, unless this is the last
   */
  public record Page<T>(List<T> items, Optional<String> next) {}

  /**
   * One page.
   *
   * @param token where it starts: what the page before gave
   * @param validToken tells what can be a token at all
   * @param size the most entries; 0 means 100, and more than 1000 are never given
   * @throws SandboxValidationException for a token that no page gave
   */
  public static <T> Page<T> page(
      Stream<T> all,
      Function<T, String> idOf,
      Optional<String> token,
      Predicate<String> validToken,
      int size) {
    token
        .filter(validToken.negate())
        .ifPresent(
            bad -> {
              throw new SandboxValidationException(
                  "pageToken", "Invalid page token: it is not one that a page of this list gave");
            });
    int most = size == 0 ? DEFAULT_SIZE : Math.min(size, LARGEST);
    List<T> found =
        all.filter(item -> token.isEmpty() || idOf.apply(item).compareTo(token.get()) > 0)
            .sorted(Comparator.comparing(idOf))
            .limit(most + 1L)
            .toList();
    if (found.size() <= most) {
      return new Page<>(found, Optional.empty());
    }
    List<T> items = found.subList(0, most);
    return new Page<>(items, Optional.of(idOf.apply(items.get(most - 1))));
  }
}
