package io.sandbeam.service;

import java.util.List;

/**
 * What a purge did.
 *
 * @param purgeCount ended, or on a dry run: would be ended
 * @param failedSandboxIds matched and not ended
 * @param retryableFailedSandboxIds those of them for which trying again may help
 */
public record PurgeResult(
    int purgeCount, List<String> failedSandboxIds, List<String> retryableFailedSandboxIds) {
  public PurgeResult {
    failedSandboxIds = List.copyOf(failedSandboxIds);
    retryableFailedSandboxIds = List.copyOf(retryableFailedSandboxIds);
  }
}
