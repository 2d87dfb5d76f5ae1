/**
 * The HTTP/JSON face: serves any {@link io.sandbeam.service.SandboxService} as the Sandbox v1 API.
 *
 * <p>Here live the server's life cycle, the calls of the API over the contract, who may call them
 * ({@link io.sandbeam.server.TokenFile}), the limits, the records that survive a restart, and the
 * page for people. The messages themselves, their JSON and the table of methods are not here but in
 * {@code io.sandbeam.service.http.wire}, which the client shares. Nothing here knows what kind of
 * service it serves.
 */
package io.sandbeam.server;
