package io.sandbeam.service.local;

/**
 * Why some limit cannot be enforced by control groups here.
 *
 * @param why a clause that can follow a colon
 * @param remedy the command or setting that mends it
 */
record Shortfall(String why, String remedy) {}
