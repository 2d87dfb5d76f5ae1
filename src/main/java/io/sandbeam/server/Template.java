package io.sandbeam.server;

import io.sandbeam.service.http.wire.V1Spec;

/**
 * What sandboxes can be created from: a whole spec, over which a request puts its own fields.
 *
 * @param revision told with each sandbox that is made from it, so that changes can be told apart
 */
record Template(long revision, V1Spec.SandboxSpec spec) {}
