package io.sandbeam.sandbox;

import java.time.Duration;

/**
 * How far a sweep is.
 *
 * @param found distinct live sandboxes come upon so far
 * @param gone of those, proven gone
 * @param elapsed since it began
 */
public record SweepProgress(int found, int gone, Duration elapsed) {}
