/**
 * The Sandbox v1 API on the wire: its messages, its method table, its JSON, its errors, and how all
 * of them map to the contract of {@link io.sandbeam.service}. The HTTP client and the server share
 * it, so that the two can never disagree.
 *
 * <p>Messages are records named as published: a component's name is the field's JSON name, its type
 * the field's type, and an unset field has its default. {@link
 * io.sandbeam.service.http.wire.MessageShape} reads them by reflection, and is the one source for
 * JSON ({@link io.sandbeam.service.http.wire.ProtoJson}) and for schemas; {@link
 * io.sandbeam.service.http.wire.ApiMethod} is the one source for paths, verbs and parameters.
 *
 * <p>What the contract knows and v1 has no field for travels in published fields:
 *
 * <ul>
 *   <li>A spec without an image: the image is the client's default, and the annotation {@code
 *       sandbeam.io/default-image} tells a Sandbeam server to choose its own.
 *   <li>A process limit, a lifetime with a fraction of a second, a limit's enforcement: annotations
 *       {@code sandbeam.io/…}, see {@link io.sandbeam.service.http.wire.ReservedAnnotation}. Other
 *       servers keep them as plain metadata.
 *   <li>The disk limit: {@code ScratchVolume.size} of the one volume {@code workspace}.
 *   <li>{@code Network.NONE}: {@code denyEgress} and {@code denyIngress}; {@code OPEN}: one egress
 *       rule {@code any}. No rule at all is the server's own policy; ours is NONE.
 *   <li>A sandbox without a main process: the keep-alive command of the public SDKs.
 *   <li>A sandbox without a tag: the tag {@code untagged}, since the contract knows no other.
 *   <li>A command's time limit, and how it ended: HTTP headers, and a wrapper in the sandbox where
 *       the server ignores them, see {@link io.sandbeam.service.http.wire.ExecHeaders} and {@link
 *       io.sandbeam.service.http.wire.WrappedCommand}.
 *   <li>A job's seal: an HTTP header of a purge's dry run, see {@link
 *       io.sandbeam.service.http.wire.SealHeaders}; where the server ignores it there is no seal.
 *   <li>An image to be made ready: an HTTP header of a list of nothing, see {@link
 *       io.sandbeam.service.http.wire.PrepareHeaders}; where the server ignores it each create
 *       tells.
 * </ul>
 *
 * <p>Here may not live: sockets, threads, retries, or anything a server keeps.
 */
package io.sandbeam.service.http.wire;
