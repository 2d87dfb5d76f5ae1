package io.sandbeam.service.local;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Another worker: a JVM of its own with some sandboxes, each running something stubborn. */
final class ChildOwner implements AutoCloseable {
  final Process process;
  final List<String> ids = new ArrayList<>();

  private ChildOwner(Process process) {
    this.process = process;
  }

  static ChildOwner start(Path state, int sandboxes, Duration lifetime) throws IOException {
    Process process = process(state, sandboxes, lifetime);
    ChildOwner child = new ChildOwner(process);
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (int i = 0; i < sandboxes; i++) {
      child.ids.add(said.readLine());
    }
    return child;
  }

  /** One that nobody waits for: it is somewhere in its start. */
  static Process process(Path state, int sandboxes, Duration lifetime) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ChildOwner.class.getName(),
            state.toString(),
            Integer.toString(sandboxes),
            lifetime.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    SandboxService service =
        SandboxServices.open(
            ServiceConfig.of("local").withSetting(LocalSettings.STATE_DIRECTORY, args[0]));
    SandboxSpec spec =
        SandboxSpec.builder()
            .tags("child-owner")
            .env(java.util.Map.of("SECRET", "not for the disk"))
            .maxLifetime(Duration.parse(args[2]))
            .build();
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      SandboxInfo info = service.create(spec, RequestId.mint()).join();
      var running =
          service.exec(
              info.id(),
              ExecRequest.of(
                  "sh",
                  "-c",
                  "trap '' TERM HUP INT; touch ready; setsid sleep 300 & while :; do sleep 1; done"));
      while (service.exec(info.id(), ExecRequest.of("test", "-e", "ready")).join().exitCode()
          != 0) {
        Thread.onSpinWait();
      }
      System.out.println(running.isDone() ? "ended" : info.id());
    }
    System.in.read();
    service.close();
  }
}
