package io.sandbeam.service.http.wire;

import java.util.regex.Pattern;

/**
 * Whether RESOURCE_EXHAUSTED means a quota, which refuses a call before it does anything. A gateway
 * has the same code for an answer that is too large for it: then the call has been carried out.
 */
final class QuotaAnswer {
  private static final Pattern REASON =
      Pattern.compile("QUOTA|LIMIT|RATE_|THROTTL|CAPACITY|OVERLOAD");
  private static final Pattern TOO_LARGE =
      Pattern.compile("(?i)message (is )?(larger|longer) than|exceeds (the )?maximum size");

  private QuotaAnswer() {}

  static boolean is(RpcStatus status, int httpStatus) {
    return status.retryDelay().isPresent()
        || REASON.matcher(status.reason()).find()
        || (httpStatus == RpcStatus.Code.RESOURCE_EXHAUSTED.httpStatus()
            && !TOO_LARGE.matcher(status.message()).find());
  }
}
