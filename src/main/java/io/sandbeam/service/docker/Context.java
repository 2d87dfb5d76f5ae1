package io.sandbeam.service.docker;

import io.sandbeam.service.leased.Timer;
import java.util.concurrent.Executor;

/**
 * What the sandboxes of one service share.
 *
 * @param seals of jobs that are over
 * @param workers for everything that waits, and for completing futures
 */
record Context(
    DockerSettings settings,
    Engine engine,
    EngineFacts facts,
    Seals seals,
    Timer timer,
    Executor workers) {}
