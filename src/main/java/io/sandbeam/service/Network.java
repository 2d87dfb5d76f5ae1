package io.sandbeam.service;

/** What of the network a sandbox can reach. */
public enum Network {
  /** Nothing but its own loopback interface. */
  NONE,
  /** What the machine that carries the sandbox can reach. */
  OPEN
}
