package io.sandbeam.server;

import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import java.util.List;
import java.util.UUID;

/**
 * The tag by which a server knows what was made through it: several may share one service, and each
 * ends its own sandboxes only. Its successor with the same records has the same one.
 *
 * <p>It is put on with the create itself, so that it also tells of sandboxes whose creation no
 * record tells of, because the answer was lost or the server killed. To callers it is one of the
 * {@link OwnerTag}s, refused and never shown; no name of a caller begins with an underscore.
 *
 * @param id of the server
 */
record ServerTag(String id) {
  private static final String PREFIX = OwnerTag.PREFIX + "_server.";

  ServerTag {
    Tag.of(PREFIX + id);
  }

  static ServerTag mint() {
    return new ServerTag(UUID.randomUUID().toString());
  }

  static boolean is(Tag tag) {
    return tag.value().startsWith(PREFIX);
  }

  SandboxSpec mark(SandboxSpec spec) {
    return spec.toBuilder().tags(List.of(tag())).build();
  }

  /** Whether it was made through this server, or its predecessor. */
  boolean marks(SandboxSpec spec) {
    return spec.tags().contains(tag());
  }

  private Tag tag() {
    return Tag.of(PREFIX + id);
  }
}
