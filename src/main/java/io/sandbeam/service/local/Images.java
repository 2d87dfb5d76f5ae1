package io.sandbeam.service.local;

import io.sandbeam.service.SandboxValidationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Turns an image name into the view of a sandbox: {@code host}, {@code dir:/path}, or an alias of
 * one of these.
 */
final class Images {
  static final String HOST = "host";
  private static final String DIRECTORY = "dir:";

  /** Made by bubblewrap in every sandbox, or never shown. */
  private static final Set<String> OWN =
      Set.of("proc", "dev", "sys", "run", "tmp", "workspace", ".sandbeam", "lost+found");

  private final Map<String, String> aliases;
  private final OwnerDirectory owner;

  Images(Map<String, String> aliases, OwnerDirectory owner) {
    this.aliases = aliases;
    this.owner = owner;
  }

  /** Fails with {@link SandboxValidationException} for a name that this service does not have. */
  Image resolve(Optional<String> wanted) {
    String name = wanted.orElse(HOST);
    String image = aliases.getOrDefault(name, name);
    try {
      if (image.equals(HOST)) {
        return host();
      }
      if (image.startsWith(DIRECTORY)) {
        return directory(image, Path.of(image.substring(DIRECTORY.length())));
      }
    } catch (IOException e) {
      throw refusal("Image '" + image + "' cannot be used: " + e);
    }
    throw refusal(
        "Unknown image '"
            + image
            + "': the local service has 'host' and 'dir:/path', and pulls none. Say what the name means"
            + " here with --image="
            + name
            + "=host, or choose a service that pulls images: --service=docker, --service=https://…");
  }

  private Image host() throws IOException {
    List<Mount> mounts = new ArrayList<>();
    mounts.add(new Mount.ReadOnly("/usr", "/usr"));
    for (String name : List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32")) {
      Path path = Path.of("/", name);
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        mounts.add(entry(path, "/" + name));
      }
    }
    mounts.add(new Mount.ReadOnly(owner.etc().toString(), "/etc"));
    mounts.addAll(EtcDirectory.mounts());
    return new Image(HOST, mounts, owner.copyOfShell(Path.of("/bin/sh").toRealPath(), HOST));
  }

  private Image directory(String image, Path root) throws IOException {
    if (!root.isAbsolute() || !Files.isDirectory(root)) {
      throw refusal("Image '" + image + "': " + root + " is no absolute path of a directory");
    }
    Path real = root.toRealPath();
    Path shell =
        inside(real, Path.of("bin/sh"))
            .orElseThrow(
                () ->
                    refusal(
                        "Image '" + image + "': it has no /bin/sh, and commands start from one"));
    List<Mount> mounts = new ArrayList<>();
    try (Stream<Path> entries = Files.list(real)) {
      for (Path path : entries.sorted().toList()) {
        String name = path.getFileName().toString();
        if (!OWN.contains(name)) {
          mounts.add(entry(path, "/" + name));
        }
      }
    }
    String key =
        Integer.toHexString(real.hashCode()) + "-" + Files.getLastModifiedTime(shell).toMillis();
    return new Image(image, mounts, owner.copyOfShell(shell, key));
  }

  private static Mount entry(Path path, String target) throws IOException {
    return Files.isSymbolicLink(path)
        ? new Mount.Link(Files.readSymbolicLink(path).toString(), target)
        : new Mount.ReadOnly(path.toString(), target);
  }

  /** Follows the links of a path as the sandbox would: absolute ones start at the image's root. */
  private static Optional<Path> inside(Path root, Path relative) throws IOException {
    Path current = Path.of("/");
    List<String> rest = new ArrayList<>();
    relative.forEach(part -> rest.add(part.toString()));
    int links = 0;
    while (!rest.isEmpty()) {
      current = current.resolve(rest.remove(0)).normalize();
      Path onHost = root.resolve(current.toString().substring(1));
      if (Files.isSymbolicLink(onHost)) {
        if (++links > 40) {
          return Optional.empty();
        }
        Path content = Files.readSymbolicLink(onHost);
        Path base = content.isAbsolute() ? content : current.getParent().resolve(content);
        List<String> parts = new ArrayList<>();
        base.normalize().forEach(part -> parts.add(part.toString()));
        rest.addAll(0, parts);
        current = Path.of("/");
      }
    }
    Path found = root.resolve(current.toString().substring(1));
    return Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(found)
        : Optional.empty();
  }

  private static SandboxValidationException refusal(String message) {
    return new SandboxValidationException("image", message);
  }
}
