package io.sandbeam.testing;

import com.google.auto.service.AutoService;
import io.sandbeam.service.Finding;
import io.sandbeam.service.SandboxException;
import io.sandbeam.service.SandboxService;
import io.sandbeam.service.SandboxServiceProvider;
import io.sandbeam.service.ServiceConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the {@link FaultySandboxService}s of this JVM by their {@link
 * FaultySandboxService#address}.
 */
@AutoService(SandboxServiceProvider.class)
public final class MemoryServiceProvider implements SandboxServiceProvider {
  private static final String SCHEME = "memory";
  private static final Map<String, FaultySandboxService> OPEN = new ConcurrentHashMap<>();

  static String register(FaultySandboxService service) {
    return OPEN.entrySet().stream()
        .filter(entry -> entry.getValue() == service)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(
            () -> {
              String address = SCHEME + ":" + UUID.randomUUID();
              OPEN.put(address, service);
              return address;
            });
  }

  static void forget(FaultySandboxService service) {
    OPEN.values().remove(service);
  }

  @Override
  public Set<String> schemes() {
    return Set.of(SCHEME);
  }

  @Override
  public String summary() {
    return "simulated sandboxes of a test in this JVM; any image";
  }

  @Override
  public SandboxService open(ServiceConfig config) {
    FaultySandboxService service = OPEN.get(config.address());
    if (service == null) {
      throw new SandboxException(
          "No simulated service has the address '"
              + config.address()
              + "': it was closed, or belongs to another JVM");
    }
    return service.client();
  }

  @Override
  public List<Finding> diagnose(ServiceConfig config) {
    return List.of(new Finding(Finding.Level.OK, "memory", "nothing is needed", ""));
  }
}
