package io.sandbeam.service.docker;

import com.google.auto.service.AutoService;
import io.sandbeam.service.Finding;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.ServiceConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sandboxes in containers: address {@code docker}, or {@code docker:unix:///run/docker.sock},
 * {@code docker:tcp://host:2376}.
 *
 * <p>{@code docker} alone means what it means to Docker's own command: {@code DOCKER_HOST}, {@code
 * DOCKER_TLS_VERIFY}, {@code DOCKER_CERT_PATH}, {@code DOCKER_CONTEXT} and {@code DOCKER_CONFIG} of
 * the machine that opens the service, and otherwise the socket in {@code /var/run}. Images are
 * names of images, after the aliases of the configuration. The settings are those of {@link
 * DockerSettings}.
 */
@AutoService(SandboxServiceProvider.class)
public final class DockerServiceProvider implements SandboxServiceProvider {
  static final String SCHEME = "docker";

  private final Map<String, String> environment;

  /** For the service loader. */
  public DockerServiceProvider() {
    this(System.getenv());
  }

  DockerServiceProvider(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public String summary() {
    return "containers of a Docker Engine or Podman, here or elsewhere; images: any with a /bin/sh";
  }

  @Override
  public SandboxService open(ServiceConfig config) {
    return Opening.open(DockerSettings.of(config, environment));
  }

  @Override
  public List<Finding> diagnose(ServiceConfig config) {
    return Diagnosis.of(config, environment);
  }
}
