package io.sandbeam.server;

import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.Tag;
import java.util.List;
import java.util.Optional;

/**
 * The tag by which the server marks whose a sandbox is. It is put on every sandbox with the create
 * itself, so it lives as long as the sandbox does, wherever that is; requests that carry one are
 * refused, so nobody can forge it; and answers do not show it.
 */
final class OwnerTag {
  static final String PREFIX = "owner.";

  private OwnerTag() {}

  static Tag of(String name) {
    return Tag.of(PREFIX + name);
  }

  static boolean is(Tag tag) {
    return tag.value().startsWith(PREFIX);
  }

  /** Whose it is; empty for a sandbox that was not created through a server. */
  static Optional<String> ownerOf(SandboxSpec spec) {
    return spec.tags().stream()
        .filter(OwnerTag::is)
        .filter(tag -> !ServerTag.is(tag))
        .map(tag -> tag.value().substring(PREFIX.length()))
        .findFirst();
  }

  static SandboxSpec mark(SandboxSpec spec, Caller caller) {
    return spec.toBuilder().tags(List.of(of(caller.name()))).build();
  }

  /** The tags that its owner gave it. */
  static List<Tag> ownTags(SandboxSpec spec) {
    return spec.tags().stream().filter(tag -> !is(tag)).toList();
  }

  /** As its owner asked for it. */
  static SandboxInfo strip(SandboxInfo info) {
    List<Tag> own = ownTags(info.spec());
    // A sandbox made elsewhere may carry nothing else, and a spec cannot be without a tag.
    return own.isEmpty() || own.size() == info.spec().tags().size()
        ? info
        : info.withSpec(info.spec().toBuilder().replaceTags(own).build());
  }
}
