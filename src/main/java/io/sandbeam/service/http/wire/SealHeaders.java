package io.sandbeam.service.http.wire;

/**
 * The HTTP header by which a client asks a Sandbeam server to seal a job, since v1 has no call for
 * it. It goes with a dry run of PurgeSandboxes by the one tag of the job, which changes nothing: a
 * server that does not know the header only counts.
 *
 * <p>The client sends {@link #SET} or {@link #ASK}. A server that can seal does so, or looks, and
 * answers in the same header with {@link #SEALED} or {@link #OPEN}. An answer without the header
 * means that it cannot.
 */
public final class SealHeaders {
  public static final String NAME = "Sandbeam-Seal";

  /** Seal the job. */
  public static final String SET = "set";

  /** Tell whether it is sealed. */
  public static final String ASK = "ask";

  /** It is sealed. */
  public static final String SEALED = "sealed";

  /** It is not. */
  public static final String OPEN = "open";

  private SealHeaders() {}
}
