package io.sandbeam.service.docker;

/** One of the two streams that a container writes. */
enum Channel {
  OUT,
  ERR
}
