package io.sandbeam.service.http.wire;

/**
 * Annotations that carry what the contract knows and v1 has no field for. Users cannot set them,
 * and never see them.
 */
public final class ReservedAnnotation {
  /** What all of them start with. */
  public static final String PREFIX = "sandbeam.io/";

  /** {@code true}: the spec names no image; the server may choose its own. */
  public static final String DEFAULT_IMAGE = PREFIX + "default-image";

  /** Processes and threads, a decimal number. */
  public static final String PROCESS_LIMIT = PREFIX + "process-limit";

  /** The lifetime as ISO-8601 ({@code PT1.5S}), when it has a fraction of a second. */
  public static final String MAX_LIFETIME = PREFIX + "max-lifetime";

  /** {@code limit.memory} and so on: what enforces each limit. Only in answers. */
  public static final String LIMIT_PREFIX = PREFIX + "limit.";

  /** The container's name, when it is not {@link SpecMapping#CONTAINER}. Only inside a server. */
  public static final String CONTAINER = PREFIX + "container";

  private ReservedAnnotation() {}
}
