/**
 * Sandboxes that live elsewhere: a client of the Sandbox v1 API over HTTP and JSON. It speaks to
 * CoreWeave's service, and to any other that serves the same API, such as {@code sandbeam serve}.
 *
 * <p>Here live the connection, its retries and limits, and the wrapper that gives a command its
 * directory, its input and its time limit where the API has no field for them. What is on the wire
 * is in {@link io.sandbeam.service.http.wire}. Here may not live: anything that knows another kind
 * of service, or Apache Beam.
 */
package io.sandbeam.service.http;
