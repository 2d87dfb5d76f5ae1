package io.sandbeam.service.local;

import io.sandbeam.service.leased.Timer;
import java.util.concurrent.Executor;

/**
 * What the sandboxes of one service share.
 *
 * @param settings as configured
 * @param identity who we are on the host
 * @param owner our directory
 * @param cgroups what can be limited
 * @param fifos new pipes
 * @param pump looks after running commands
 * @param warden ends sandboxes when we cannot
 * @param snapshots where archives are kept
 * @param seals which jobs are over
 * @param timer for lifetimes and grace periods
 * @param workers for everything that waits, and for completing futures
 * @param host this machine's name
 */
record LocalContext(
    LocalSettings settings,
    Identity identity,
    OwnerDirectory owner,
    Cgroups cgroups,
    FifoPool fifos,
    Pump pump,
    Warden warden,
    SnapshotStore snapshots,
    Seals seals,
    Timer timer,
    Executor workers,
    String host) {}
