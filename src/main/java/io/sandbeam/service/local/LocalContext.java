package io.sandbeam.service.local;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the sandboxes of one service share.
 *
 * @param settings as configured
 * @param identity who we are on the host
 * @param owner our directory
 * @param cgroups what can be limited
 * @param fifos new pipes
 * @param pump looks after running commands
 * @param timer for lifetimes and grace periods; its tasks never wait
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
    ScheduledExecutorService timer,
    Executor workers,
    String host) {}
