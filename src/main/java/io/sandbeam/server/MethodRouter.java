package io.sandbeam.server;

import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.ApiMethod.Verb;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the method of a path. The custom verb follows the last colon of the last segment, written
 * {@code :} or {@code %3A}.
 */
final class MethodRouter {
  /** What v1 publishes besides the methods we know, and nobody needs for batches. */
  private static final List<String> NOT_IMPLEMENTED =
      List.of(
          "/v1/availableRunners",
          "/v1/sandboxTemplates",
          "/v1/settings/objectStorageWifConfig",
          "/v1/settings/fileSystemSnapshotBucketConfig",
          "/v1/settings/secretStores",
          "/v1/volumes",
          "/v1/sandboxes:createFromFile");

  private static final List<String> NOT_IMPLEMENTED_VERBS = List.of(":connect", ":logs");

  private MethodRouter() {}

  /** What a path leads to. */
  sealed interface Route {
    /**
     * A method.
     *
     * @param id from the path, or empty where the method has none
     */
    record Found(ApiMethod method, String id) implements Route {}

    /** The path is known, for other HTTP methods than this one. */
    record WrongVerb(List<Verb> allowed) implements Route {}

    /** Published by v1, and not offered here. */
    record NotImplemented(String what) implements Route {}

    /** No such path. */
    record Unknown() implements Route {}
  }

  /**
   * @param verb the HTTP method
   * @param rawPath not decoded
   */
  static Route route(String verb, String rawPath) {
    String path = decode(rawPath);
    if (path == null) {
      return new Route.Unknown();
    }
    List<ApiMethod> matching =
        Arrays.stream(ApiMethod.values()).filter(method -> id(method, path).isPresent()).toList();
    if (matching.isEmpty()) {
      return published(path) ? new Route.NotImplemented(path) : new Route.Unknown();
    }
    return matching.stream()
        .filter(method -> method.verb().name().equals(verb))
        .findFirst()
        .<Route>map(method -> new Route.Found(method, id(method, path).orElseThrow()))
        .orElseGet(
            () -> new Route.WrongVerb(matching.stream().map(ApiMethod::verb).distinct().toList()));
  }

  /** The id in a path of this method, empty text when it has none; nothing for another's path. */
  private static Optional<String> id(ApiMethod method, String path) {
    if (method.idName().isEmpty()) {
      return path.equals(method.pathTemplate()) ? Optional.of("") : Optional.empty();
    }
    if (!path.startsWith(method.pathPrefix())) {
      return Optional.empty();
    }
    String last = path.substring(method.pathPrefix().length());
    int colon = last.lastIndexOf(':');
    String verb = colon < 0 ? "" : last.substring(colon);
    String id = colon < 0 ? last : last.substring(0, colon);
    return verb.equals(method.pathSuffix()) && !id.isEmpty() ? Optional.of(id) : Optional.empty();
  }

  private static boolean published(String path) {
    return NOT_IMPLEMENTED.stream()
            .anyMatch(known -> path.equals(known) || path.startsWith(known + "/"))
        || (path.startsWith("/v1/sandboxes/")
            && NOT_IMPLEMENTED_VERBS.stream().anyMatch(path::endsWith));
  }

  /** Null when it is not well-formed. A plus sign is itself in a path. */
  private static String decode(String raw) {
    try {
      return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }
}
