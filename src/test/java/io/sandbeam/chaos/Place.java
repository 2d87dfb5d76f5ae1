package io.sandbeam.chaos;

/** Where the sandboxes of a round live. */
enum Place {
  /** On this machine, as children of the workers. */
  LOCAL,
  /** On this machine, as children of a {@code sandbeam serve}: nobody's death ends them. */
  SERVED,
  /** In a container engine. */
  DOCKER
}
