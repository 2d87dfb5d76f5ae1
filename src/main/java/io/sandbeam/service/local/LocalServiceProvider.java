package io.sandbeam.service.local;

import com.google.auto.service.AutoService;
import io.sandbeam.service.Finding;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.ServiceConfig;
import java.util.List;
import java.util.Set;

/**
 * Sandboxes on this machine, by bubblewrap: address {@code local}.
 *
 * <p>Images are {@code host} (also the default: a read-only view of this machine's programs,
 * without its homes, logs, sockets and configuration) and {@code dir:/path}, any directory with a
 * root file system; other names need an alias.
 *
 * <p>Settings:
 *
 * <table>
 * <caption>by name</caption>
 * <tr><td>{@code state-dir}</td><td>where owners and snapshots are recorded;
 *     {@code $SANDBEAM_STATE_DIR}, else {@code sandbeam-UID} in {@code /dev/shm} where that is memory
 *     with room, and in {@code /tmp}. All processes that shall see each other's sandboxes use the
 *     same</td></tr>
 * <tr><td>{@code bwrap}</td><td>bubblewrap's program; {@code bwrap}</td></tr>
 * <tr><td>{@code workspace-size}</td><td>{@code /workspace} of a spec without a disk limit; 1Gi</td></tr>
 * <tr><td>{@code tmp-size}</td><td>{@code /tmp}; 256Mi</td></tr>
 * <tr><td>{@code memory}</td><td>of a spec without a memory limit; none</td></tr>
 * <tr><td>{@code processes}</td><td>of a spec without a process limit; 1024</td></tr>
 * <tr><td>{@code max-sandboxes}</td><td>alive at once; 1000</td></tr>
 * <tr><td>{@code terminated-retention}</td><td>how long ended sandboxes are listed; PT10M</td></tr>
 * <tr><td>{@code terminated-count}</td><td>how many ended sandboxes are listed; 1000</td></tr>
 * <tr><td>{@code snapshot-size}</td><td>the largest archive; 10Gi</td></tr>
 * </table>
 *
 * <p>{@code /workspace}, {@code /tmp} and {@code /dev/shm} are in memory: nothing of a sandbox's
 * data is ever on this machine's disk, and where a cgroup limits memory, files count.
 *
 * <p>A sandbox is one trust domain: a command can disturb another one in the same sandbox, and
 * never the watchdog or anything outside.
 */
@AutoService(SandboxServiceProvider.class)
public final class LocalServiceProvider implements SandboxServiceProvider {
  static final String SCHEME = "local";

  /** For the service loader. */
  public LocalServiceProvider() {}

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public String summary() {
    return "bubblewrap sandboxes on this machine; images: host (its programs, read-only), dir:/path";
  }

  @Override
  public SandboxService open(ServiceConfig config) {
    return Opening.open(LocalSettings.of(config));
  }

  @Override
  public List<Finding> diagnose(ServiceConfig config) {
    return Diagnosis.of(LocalSettings.of(config));
  }
}
