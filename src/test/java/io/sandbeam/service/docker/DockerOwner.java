package io.sandbeam.service.docker;

import io.sandbeam.service.ExecRequest;
import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxInfo;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Another worker: a JVM of its own with one sandbox, in which something goes on. */
final class DockerOwner implements AutoCloseable {
  private final Process process;

  private DockerOwner(Process process) {
    this.process = process;
  }

  /**
   * Returns when its sandbox runs.
   *
   * @param config of the service that it opens
   * @param script its first command there; others follow
   */
  static DockerOwner start(ServiceConfig config, Tag tag, Duration lifetime, String script)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                DockerOwner.class.getName(),
                config.address(),
                tag.value(),
                lifetime.toString(),
                script));
    config.settings().forEach((name, value) -> command.add(name + "=" + value));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"running".equals(said.readLine())) {
      throw new AssertionError("the owner has no sandbox");
    }
    return new DockerOwner(process);
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] args) throws IOException {
    ServiceConfig config = ServiceConfig.of(args[0]);
    for (String setting : List.of(args).subList(4, args.length)) {
      String[] parts = setting.split("=", 2);
      config = config.withSetting(parts[0], parts[1]);
    }
    SandboxService service = SandboxServices.open(config);
    SandboxSpec spec =
        SandboxSpec.builder().tags(args[1]).maxLifetime(Duration.parse(args[2])).build();
    SandboxInfo info = service.create(spec, RequestId.mint()).join();
    service.exec(info.id(), ExecRequest.of("sh", "-c", args[3])).join();
    var stubborn =
        service.exec(
            info.id(), ExecRequest.of("sh", "-c", "trap '' TERM; while :; do sleep 1; done"));
    service.exec(info.id(), ExecRequest.of("true")).join();
    System.out.println(stubborn.isDone() ? "ended" : "running");
    System.in.read();
    service.close();
  }
}
