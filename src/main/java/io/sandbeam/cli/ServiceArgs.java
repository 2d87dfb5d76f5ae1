package io.sandbeam.cli;

import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServices;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which service a command talks to. */
final class ServiceArgs {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--service",
      paramLabel = "ADDRESS",
      description =
          "Where the sandboxes live: local (the default), docker, docker:unix:///run/docker.sock, or"
              + " https://… of a Sandbox v1 service.")
  private String address;

  @Option(
      names = {"--service-setting", "--serviceSetting"},
      paramLabel = "NAME=VALUE",
      description = "A setting of the service itself; repeatable.")
  private List<String> settings = new ArrayList<>();

  /** The configuration, with aliases of images. */
  ServiceConfig config(Map<String, String> aliases) {
    ServiceConfig config = ServiceConfig.of(address().orElse("local"));
    for (Map.Entry<String, String> alias : aliases.entrySet()) {
      config = config.withImage(alias.getKey(), alias.getValue());
    }
    for (Map.Entry<String, String> one : Pairs.of(spec, "--service-setting", settings).entrySet()) {
      config = config.withSetting(one.getKey(), one.getValue());
    }
    return config;
  }

  Optional<String> address() {
    return Optional.ofNullable(address);
  }

  SandboxService open() {
    return SandboxServices.open(config(Map.of()));
  }

  /** The product's tag, a job's if one is given, and tags as they were typed. */
  static Set<Tag> tags(String job, List<String> typed) {
    Set<Tag> tags = new LinkedHashSet<>();
    tags.add(Tag.PRODUCT);
    if (job != null) {
      tags.add(Tag.job(job));
    }
    typed.forEach(tag -> tags.add(Tag.of(tag)));
    return tags;
  }
}
