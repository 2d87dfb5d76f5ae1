package io.sandbeam.service.leased;

/** One of the two streams that a command writes. */
public enum Channel {
  OUT,
  ERR
}
