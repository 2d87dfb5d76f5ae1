package io.sandbeam.service.local;

import io.sandbeam.service.Effect;
import io.sandbeam.service.Finding;
import io.sandbeam.service.SandboxUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Tries once whether bubblewrap can make a sandbox here, and knows what to do when it cannot. */
final class Probe {
  private static final Map<String, Finding> DONE = new ConcurrentHashMap<>();

  private Probe() {}

  /** Once in each JVM: fails unless a sandbox can be made. */
  static void require(LocalSettings settings, Identity identity) {
    Finding finding = DONE.computeIfAbsent(settings.bwrap(), bwrap -> sandbox(settings, identity));
    if (finding.level() == Finding.Level.MISSING) {
      // What is missing may be mended while this JVM lives.
      DONE.remove(settings.bwrap());
      throw new SandboxUnavailableException(
          finding.subject() + ": " + finding.detail() + ". " + finding.remedy(),
          null,
          Effect.NONE,
          null);
    }
  }

  /** bubblewrap's version, if it is there. */
  static Optional<String> version(LocalSettings settings) {
    try {
      HostProgram.Said said = HostProgram.run(List.of(settings.bwrap(), "--version"));
      return said.exitCode() == 0
          ? Optional.of(said.text().replaceFirst("^bubblewrap ", ""))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Finding bubblewrap(LocalSettings settings) {
    Optional<String> version = version(settings);
    if (version.isEmpty()) {
      return new Finding(
          Finding.Level.MISSING,
          "bubblewrap",
          "'" + settings.bwrap() + "' is not installed",
          install());
    }
    boolean old = !Version.isAtLeast(version.get(), 0, 8);
    return old
        ? new Finding(
            Finding.Level.MISSING,
            "bubblewrap",
            "version " + version.get() + " is too old: 0.8.0 is needed",
            install())
        : new Finding(Finding.Level.OK, "bubblewrap", "version " + version.get(), "");
  }

  /** Really makes a sandbox with all namespaces, and runs nothing in it. */
  static Finding sandbox(LocalSettings settings, Identity identity) {
    Finding program = bubblewrap(settings);
    if (program.level() == Finding.Level.MISSING) {
      return program;
    }
    List<String> command = new ArrayList<>(identity.launcher(settings.bwrap()));
    command.addAll(
        List.of(
            "--unshare-all",
            "--unshare-user",
            "--disable-userns",
            "--uid",
            "1000",
            "--gid",
            "1000",
            "--as-pid-1",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--clearenv",
            "--ro-bind",
            "/",
            "/",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            "1048576",
            "--tmpfs",
            "/tmp",
            "/bin/sh",
            "-c",
            "exit 0"));
    try {
      HostProgram.Said said = HostProgram.run(command);
      return said.exitCode() == 0
          ? new Finding(Finding.Level.OK, "user namespaces", "a sandbox could be made", "")
          : new Finding(
              Finding.Level.MISSING,
              "user namespaces",
              "no sandbox can be made: " + said.text(),
              remedy(said.text()));
    } catch (IOException e) {
      return new Finding(
          Finding.Level.MISSING,
          "setpriv",
          "root's sandboxes run as another user, and " + e.getMessage(),
          "Install util-linux, or run as an ordinary user");
    }
  }

  private static String remedy(String said) {
    if (setting("kernel/apparmor_restrict_unprivileged_userns").equals("1")) {
      return "AppArmor restricts user namespaces: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
          + " (and put the setting into /etc/sysctl.d to keep it)";
    }
    if (setting("kernel/unprivileged_userns_clone").equals("0")) {
      return "User namespaces are switched off: sudo sysctl -w kernel.unprivileged_userns_clone=1";
    }
    if (setting("user/max_user_namespaces").equals("0")) {
      return "User namespaces are switched off: sudo sysctl -w user.max_user_namespaces=15000";
    }
    if (said.contains("proc")) {
      return "The container hides parts of /proc: start it with --security-opt systempaths=unconfined,"
          + " --security-opt seccomp=unconfined and --security-opt apparmor=unconfined, or use --service=docker";
    }
    return "In a container, its runtime blocks user namespaces: start it with"
        + " --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or use --service=docker";
  }

  static String setting(String name) {
    try {
      return Files.readString(Path.of("/proc/sys", name)).trim();
    } catch (IOException e) {
      return "";
    }
  }

  private static String install() {
    Map<String, String> managers = new LinkedHashMap<>();
    managers.put("/usr/bin/apt-get", "sudo apt-get install -y bubblewrap");
    managers.put("/usr/bin/dnf", "sudo dnf install -y bubblewrap");
    managers.put("/usr/bin/zypper", "sudo zypper install -y bubblewrap");
    managers.put("/usr/bin/pacman", "sudo pacman -S --noconfirm bubblewrap");
    managers.put("/sbin/apk", "sudo apk add bubblewrap");
    return "Install it: "
        + managers.entrySet().stream()
            .filter(manager -> Files.isExecutable(Path.of(manager.getKey())))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse("bubblewrap 0.8.0 or newer");
  }
}
