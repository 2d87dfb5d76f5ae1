package io.sandbeam.service;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Finds the service of an address among the providers on the class path. */
public final class SandboxServices {
  private SandboxServices() {}

  /** Opens a service with its defaults: {@code SandboxServices.open("local")}. */
  public static SandboxService open(String address) {
    return open(ServiceConfig.of(address));
  }

  /**
   * Opens a service.
   *
   * @throws SandboxException when no provider answers to the address, or it cannot work here
   */
  public static SandboxService open(ServiceConfig config) {
    return provider(config).open(config);
  }

  /** The provider of an address. */
  public static SandboxServiceProvider provider(ServiceConfig config) {
    List<SandboxServiceProvider> providers = providers();
    return providers.stream()
        .filter(provider -> provider.schemes().contains(config.scheme()))
        .findFirst()
        .orElseThrow(
            () ->
                new SandboxValidationException(
                    "service",
                    "Unknown service "
                        + Quoted.of(config.address())
                        + ": it starts with one of "
                        + providers.stream()
                            .flatMap(provider -> provider.schemes().stream())
                            .sorted()
                            .collect(Collectors.joining(", "))));
  }

  /** All providers on the class path. */
  public static List<SandboxServiceProvider> providers() {
    List<SandboxServiceProvider> found = new ArrayList<>();
    ServiceLoader.load(SandboxServiceProvider.class, SandboxServices.class.getClassLoader())
        .forEach(found::add);
    return List.copyOf(found);
  }
}
