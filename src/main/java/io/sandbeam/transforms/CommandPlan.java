package io.sandbeam.transforms;

import java.util.Map;

/**
 * One element's work: its command, and where its outputs go.
 *
 * @param outputs absolute path in the sandbox to destination
 */
record CommandPlan(Command command, Map<String, String> outputs) {}
