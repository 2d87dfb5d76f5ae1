package io.sandbeam.service.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.NameParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who we are to a registry, as Docker's own configuration says: {@code config.json} with its {@code
 * auths}, or the credential helper that it names.
 */
final class RegistryCredentials {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryCredentials.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Where helpers are, unless they are found by {@code PATH}. */
  private final String folder;

  private final DefaultDockerClientConfig config;
  private final Duration limit;

  RegistryCredentials(DefaultDockerClientConfig config) {
    this(config, "", LIMIT);
  }

  RegistryCredentials(DefaultDockerClientConfig config, String folder, Duration limit) {
    this.config = config;
    this.folder = folder;
    this.limit = limit;
  }

  Optional<AuthConfig> of(String repository) {
    String registry = NameParser.resolveRepositoryName(repository).hostname;
    Optional<AuthConfig> helped = helper(registry).flatMap(helper -> ask(helper, registry));
    return helped.isPresent()
        ? helped
        : Optional.ofNullable(config.effectiveAuthConfig(repository));
  }

  private Optional<String> helper(String registry) {
    Path file = Path.of(config.getDockerConfigPath(), "config.json");
    try {
      if (!Files.isReadable(file)) {
        return Optional.empty();
      }
      JsonNode json = JSON.readTree(file.toFile());
      String own = json.path("credHelpers").path(registry).asText("");
      String all = json.path("credsStore").asText("");
      return Optional.of(own.isEmpty() ? all : own).filter(name -> name.matches("[\\w.-]+"));
    } catch (IOException e) {
      LOG.warn("{} cannot be read: images are pulled without credentials", file, e);
      return Optional.empty();
    }
  }

  /** The protocol of Docker's credential helpers: the registry's name in, JSON out. */
  private Optional<AuthConfig> ask(String helper, String registry) {
    String program = Path.of(folder, "docker-credential-" + helper).toString();
    Process process = null;
    try {
      process =
          new ProcessBuilder(program, "get")
              .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
              .start();
      process.getOutputStream().write(registry.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      // What it says fits into the pipe, so it need not be read before the end.
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} did not answer within {}: no credentials for {}", program, limit, registry);
        return Optional.empty();
      }
      if (process.exitValue() != 0) {
        LOG.debug("{} has no credentials for {}", program, registry);
        return Optional.empty();
      }
      byte[] said = process.getInputStream().readNBytes(1 << 20);
      JsonNode json = JSON.readTree(said);
      String user = json.path("Username").asText();
      String secret = json.path("Secret").asText();
      AuthConfig auth = new AuthConfig().withRegistryAddress(registry);
      return Optional.of(
          user.equals("<token>")
              ? auth.withIdentityToken(secret)
              : auth.withUsername(user).withPassword(secret));
    } catch (IOException e) {
      LOG.warn("{} cannot be asked for credentials of {}", program, registry, e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      if (process != null) {
        process.destroyForcibly();
      }
    }
  }
}
