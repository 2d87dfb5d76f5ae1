package io.sandbeam.service.http;

import com.google.auto.service.AutoService;
import io.sandbeam.service.Finding;
import io.sandbeam.service.ListRequest;
import io.sandbeam.service.SandboxAuthenticationException;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.ServiceConfig;
import io.sandbeam.service.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens {@code https://host} and {@code http://host}: a Sandbox v1 endpoint, CoreWeave's or one of
 * {@code sandbeam serve}. {@code https} alone is {@code CWSANDBOX_BASE_URL}, or CoreWeave's.
 *
 * <p>The API key comes from {@code CWSANDBOX_API_KEY} or the file named by the setting {@code
 * apiKeyFile}, of the machine that opens the service. The settings are those of {@link
 * HttpSettings}.
 */
@AutoService(SandboxServiceProvider.class)
public final class HttpServiceProvider implements SandboxServiceProvider {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServiceProvider.class);

  private final Map<String, String> environment;

  public HttpServiceProvider() {
    this(System.getenv());
  }

  HttpServiceProvider(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("https", "http");
  }

  @Override
  public String summary() {
    return "sandboxes of a Sandbox v1 service (https://HOST), with the images it offers";
  }

  @Override
  public SandboxService open(ServiceConfig config) {
    HttpSettings settings = HttpSettings.of(config, environment);
    if (inClear(settings)) {
      LOG.warn("The API key goes to {} unencrypted: use https", settings.baseUrl());
    }
    return new HttpSandboxService(settings);
  }

  @Override
  public Optional<SandboxService> rehearsal() {
    HttpSettings settings = HttpSettings.of(ServiceConfig.of("http://127.0.0.1"), Map.of());
    return Optional.of(
        new HttpSandboxService(
            settings,
            Connections.client(settings).newBuilder().addInterceptor(new MadeUpAnswers()).build()));
  }

  private static boolean inClear(HttpSettings settings) {
    String host = settings.baseUrl().host();
    boolean loopback = host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
    return settings.apiKey().isPresent() && !settings.baseUrl().isHttps() && !loopback;
  }

  @Override
  public List<Finding> diagnose(ServiceConfig config) {
    List<Finding> findings = new ArrayList<>();
    HttpSettings settings;
    try {
      settings = HttpSettings.of(config, environment);
    } catch (SandboxException e) {
      return List.of(
          new Finding(Finding.Level.MISSING, "settings", e.getMessage(), "mend the setting"));
    }
    if (!BaseUrl.isNamed(config.address(), environment) && settings.apiKey().isEmpty()) {
      // Nobody has said that this is to be used: asking CoreWeave's service would only take time.
      return List.of(
          new Finding(
              Finding.Level.MISSING,
              "service",
              "none is named",
              "--service=https://HOST, or export "
                  + ApiKey.VARIABLE
                  + "=… for "
                  + BaseUrl.DEFAULT));
    }
    findings.add(
        settings.apiKey().isPresent()
            ? new Finding(Finding.Level.OK, "API key", "found", "")
            : new Finding(
                Finding.Level.WARNING,
                "API key",
                "none: only a service without tokens will answer",
                "export " + ApiKey.VARIABLE + "=…"));
    if (inClear(settings)) {
      findings.add(
          new Finding(
              Finding.Level.WARNING,
              "encryption",
              "the API key goes to " + settings.baseUrl() + " in clear",
              "--service=https://" + settings.baseUrl().host()));
    }
    findings.add(reach(config, settings));
    return findings;
  }

  private Finding reach(ServiceConfig config, HttpSettings settings) {
    ServiceConfig brief =
        config.withSetting("retryBudget", "1ms").withSetting("callTimeout", "10s");
    String subject = "service " + settings.baseUrl();
    try (SandboxService service = open(brief)) {
      service.list(ListRequest.tagged(Set.of(Tag.PRODUCT)).withPageSize(1)).join();
      return new Finding(Finding.Level.OK, subject, "answers", "");
    } catch (CompletionException e) {
      LOG.debug("{} does not answer", subject, e);
      Throwable cause = Futures.cause(e);
      String remedy =
          cause instanceof SandboxAuthenticationException
              ? "export " + ApiKey.VARIABLE + "=…"
              : "curl -i '" + settings.baseUrl() + "v1/sandboxes?pageSize=1'";
      return new Finding(
          Finding.Level.MISSING, subject, String.valueOf(cause.getMessage()), remedy);
    } catch (SandboxException e) {
      LOG.debug("{} cannot be opened", subject, e);
      return new Finding(Finding.Level.MISSING, subject, e.getMessage(), "mend the setting");
    }
  }
}
