package io.sandbeam.service.docker;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the engine, its certificates and the registries' credentials as Docker's own command. */
final class EngineConfig {
  private static final Logger LOG = LoggerFactory.getLogger(EngineConfig.class);

  private EngineConfig() {}

  static DefaultDockerClientConfig of(DockerSettings settings) {
    Map<String, String> environment = settings.environment();
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    DefaultDockerClientConfig.Builder builder =
        new DefaultDockerClientConfig.Builder()
            .withDockerConfig(
                environment.getOrDefault("DOCKER_CONFIG", Path.of(home, ".docker").toString()))
            .withDockerTlsVerify(tls(environment))
            .withDockerCertPath(environment.get("DOCKER_CERT_PATH"));
    String host =
        settings.host().map(Object::toString).orElse(environment.getOrDefault("DOCKER_HOST", ""));
    if (host.isBlank()) {
      builder.withDockerContext(environment.get("DOCKER_CONTEXT"));
    } else {
      // A host that was named is no business of a context.
      builder.withDockerHost(host).withDockerContext("default");
    }
    DefaultDockerClientConfig config = builder.build();
    warnIfInClear(config);
    return config;
  }

  /** As Docker's command: set to anything but nothing, it is on. */
  private static boolean tls(Map<String, String> environment) {
    return !environment.getOrDefault("DOCKER_TLS_VERIFY", "").isBlank();
  }

  private static void warnIfInClear(DefaultDockerClientConfig config) {
    String host = config.getDockerHost().getHost();
    boolean remote =
        "tcp".equals(config.getDockerHost().getScheme())
            && host != null
            && !host.equals("localhost")
            && !host.startsWith("127.");
    if (remote && config.getSSLConfig() == null) {
      LOG.warn(
          "{} is spoken to without TLS: who is on the way rules that engine."
              + " Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH",
          config.getDockerHost());
    }
  }
}
