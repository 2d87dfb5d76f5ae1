package io.sandbeam.transforms;

/** A transform that makes {@link SandboxJob} sweep. */
interface UsesSandboxes {}
