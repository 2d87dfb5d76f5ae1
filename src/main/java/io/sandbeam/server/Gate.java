package io.sandbeam.server;

import io.javalin.http.Context;
import io.sandbeam.service.SandboxResourceExhaustedException;
import io.sandbeam.service.http.wire.RpcStatus;
import java.net.URI;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who comes in: callers with a good token, not too often, and no web page of somebody else's. There
 * are no cookies, so another site's page cannot borrow a login; on a server without tokens, where
 * there is no login to lack, it is kept out by its origin, and a name that was rebound to this
 * machine by the host it asks for.
 */
final class Gate {
  private static final Set<String> LOOPBACK_NAMES =
      Set.of("localhost", "127.0.0.1", "[::1]", "ip6-localhost");
  private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

  private final Authenticator authenticator;
  private final RateLimit rate;
  private final Set<String> names;

  /**
   * @param listening the address it listens on, by which callers may name it, too
   */
  Gate(Authenticator authenticator, RateLimit rate, String listening) {
    this.authenticator = authenticator;
    this.rate = rate;
    this.names = new HashSet<>(LOOPBACK_NAMES);
    names.add(
        (listening.contains(":") ? "[" + listening + "]" : listening).toLowerCase(Locale.ROOT));
  }

  boolean open() {
    return authenticator.open();
  }

  /** Tells whose request it is, or refuses it. */
  Caller admit(Context context) {
    refuseOtherSites(context);
    for (String header : List.of("Authorization", "x-wandb-api-key")) {
      // A proxy in front may have looked at the other one.
      if (Collections.list(context.req().getHeaders(header)).size() > 1) {
        throw unauthenticated(header + " is given more than once");
      }
    }
    Caller caller =
        authenticator
            .authenticate(context.header("Authorization"), context.header("x-wandb-api-key"))
            .orElseThrow(() -> unauthenticated("No good token"));
    Exchange.of(context).caller = caller.name();
    rate.take(caller)
        .ifPresent(
            wait -> {
              throw new SandboxResourceExhaustedException(
                  "'" + caller.name() + "' makes more requests than its rate allows", null, wait);
            });
    return caller;
  }

  private void refuseOtherSites(Context context) {
    String host = Optional.ofNullable(context.header("Host")).orElse("");
    if (open() && !names.contains(withoutPort(host))) {
      throw denied("Without tokens this server answers only to " + new TreeSet<>(names));
    }
    String site = context.header("Sec-Fetch-Site");
    String origin = context.header("Origin");
    boolean otherSite = site != null && !OWN_SITE.contains(site);
    if (otherSite || (origin != null && !hostOf(origin).equalsIgnoreCase(host))) {
      throw denied("Pages of other sites may not call this server");
    }
  }

  private static String withoutPort(String host) {
    return host.toLowerCase(Locale.ROOT).replaceFirst(":\\d+$", "");
  }

  /** The origin's host and port, or nothing where it has none ({@code null}). */
  private static String hostOf(String origin) {
    try {
      return Optional.ofNullable(URI.create(origin).getRawAuthority()).orElse("");
    } catch (IllegalArgumentException malformed) {
      return "";
    }
  }

  private static Failures.Refusal denied(String message) {
    return new Failures.Refusal(RpcStatus.of(RpcStatus.Code.PERMISSION_DENIED, message));
  }

  private static Failures.Refusal unauthenticated(String why) {
    return new Failures.Refusal(
        RpcStatus.of(
            RpcStatus.Code.UNAUTHENTICATED,
            why + ": send `Authorization: Bearer TOKEN`, or x-wandb-api-key"));
  }
}
