package io.sandbeam.service.docker;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The watchdog as process 1 of a sandbox, in a shell of this machine; without an engine. */
final class WatchdogProcess implements AutoCloseable {
  private final Path folder;
  private final Process process;

  /** Its folder is prepared as an image's start prepares it. */
  WatchdogProcess(Path folder, String shell) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve("watchdog.sh"), Scripts.WATCHDOG);
    Path signs = Files.createDirectories(folder.resolve("signs"));
    List<String> command =
        List.of(
            "bwrap --unshare-pid --as-pid-1 --die-with-parent --proc /proc --dev /dev",
            "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib",
            "--symlink usr/lib64 /lib64 --tmpfs /.sandbeam --ro-bind " + folder + " /script",
            "--bind " + signs + " /signs",
            "sh -c");
    List<String> words = new ArrayList<>(List.of(String.join(" ", command).split(" ")));
    words.add("cp /bin/cat /.sandbeam/cat; exec " + shell + " /script/watchdog.sh");
    process =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("out").toFile()))
            .redirectError(folder.resolve("err").toFile())
            .start();
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write(bytes);
    in.flush();
  }

  String said() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  void awaitWord(String word) {
    await(word).atMost(Duration.ofSeconds(20)).until(() -> said().contains(word));
  }

  /** A command makes a file in /signs, since its output may not pass. */
  void awaitSign(String name) {
    await(name)
        .atMost(Duration.ofSeconds(20))
        .until(() -> Files.exists(folder.resolve("signs").resolve(name)));
  }

  /** Whether it ends so soon. */
  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Its owner is gone. */
  void leave() throws IOException {
    process.getOutputStream().close();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
