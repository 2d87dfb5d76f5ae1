package io.sandbeam.service.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code /etc} of image {@code host}: a made-up passwd, group and hosts, copies of the small
 * files that programs need and everyone may read, and mount points for the folders they need.
 * Copies, because every mount costs bubblewrap 50 µs or more in every sandbox; mounts for folders,
 * because they hold up to thousands of links.
 */
final class EtcDirectory {
  private static final Path HOST = Path.of("/etc");

  private static final List<String> COPIED =
      List.of(
          "host.conf",
          "ld.so.cache",
          "ld.so.conf",
          "localtime",
          "mime.types",
          "os-release",
          "protocols",
          "resolv.conf",
          "services",
          "ssl/openssl.cnf",
          "timezone");

  private static final List<String> MOUNTED =
      List.of(
          "alternatives", "crypto-policies", "fonts", "pki/ca-trust", "pki/tls/certs", "ssl/certs");

  private EtcDirectory() {}

  static void write(Path etc) throws IOException {
    for (String name : COPIED) {
      copy(HOST.resolve(name), etc.resolve(name));
    }
    for (Path folder : folders()) {
      makeFolders(etc, HOST.relativize(folder));
    }
    text(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/:/bin/sh
        sandbox:x:1000:1000:sandbox:/workspace:/bin/sh
        nobody:x:65534:65534:nobody:/:/bin/false
        """);
    text(etc.resolve("group"), "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n");
    text(etc.resolve("hosts"), "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n");
    text(etc.resolve("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  }

  /** The folders to mount over those that {@link #write} made. */
  static List<Mount> mounts() throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (Path folder : folders()) {
      mounts.add(new Mount.ReadOnly(folder.toString(), folder.toString()));
    }
    return mounts;
  }

  private static List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String name : MOUNTED) {
      addIfForEveryone(folders, HOST.resolve(name));
    }
    // Debian keeps the configuration of a JDK here; /usr/lib/jvm links to it.
    try (var entries = Files.newDirectoryStream(HOST, "java-*")) {
      for (Path entry : entries) {
        addIfForEveryone(folders, entry);
      }
    }
    return folders;
  }

  private static void addIfForEveryone(List<Path> folders, Path folder) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        && Files.getPosixFilePermissions(folder).contains(PosixFilePermission.OTHERS_EXECUTE)) {
      folders.add(folder);
    }
  }

  private static void text(Path file, String content) throws IOException {
    Files.writeString(file, content);
    mode(file, "r--r--r--");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static void makeFolders(Path etc, Path relative) throws IOException {
    Path folder = etc;
    for (Path name : relative) {
      folder = folder.resolve(name);
      if (!Files.exists(folder)) {
        Files.createDirectory(folder);
        mode(folder, "rwxr-xr-x");
      }
    }
  }

  /** A link is followed: localtime and resolv.conf point elsewhere. */
  private static void copy(Path from, Path to) throws IOException {
    if (Files.isRegularFile(from)
        && Files.getPosixFilePermissions(from).contains(PosixFilePermission.OTHERS_READ)) {
      Files.createDirectories(to.getParent());
      mode(to.getParent(), "rwxr-xr-x");
      Files.copy(from.toRealPath(), to);
      mode(to, "r--r--r--");
    }
  }
}
