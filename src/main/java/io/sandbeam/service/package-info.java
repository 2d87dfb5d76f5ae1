/**
 * The contract: {@link io.sandbeam.service.SandboxService} and the plain values it speaks.
 *
 * <p>The operations and their semantics are those of the Sandbox v1 API, so that a service of this
 * package can be served over HTTP and an HTTP endpoint can be used as a service. Here live the
 * interface, its requests and answers, its exceptions, and the registry that finds an
 * implementation by its address. Here may not live: anything that starts a process, opens a socket,
 * or knows Apache Beam. This package imports no other package of Sandbeam.
 */
package io.sandbeam.service;
