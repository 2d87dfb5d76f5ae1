package io.sandbeam.service;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which service, and how it is set up. Immutable and serializable: it travels to the workers, so it
 * holds no secret.
 *
 * @param address {@code local}, {@code docker}, {@code https://…}: the part before the first colon
 *     chooses the provider
 * @param images aliases: a name that pipelines use to the image that the service knows
 * @param settings of the service itself, by name; each provider documents its own
 */
public record ServiceConfig(
    String address, Map<String, String> images, Map<String, String> settings)
    implements Serializable {

  public ServiceConfig {
    Checks.notBlank("service", address);
    images = Collections.unmodifiableMap(new TreeMap<>(images));
    settings = Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** A service with its defaults. */
  public static ServiceConfig of(String address) {
    return new ServiceConfig(address, Map.of(), Map.of());
  }

  /** With one more alias: where a spec says {@code name}, the service uses {@code image}. */
  public ServiceConfig withImage(String name, String image) {
    Map<String, String> more = new TreeMap<>(images);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(image, "image"));
    return new ServiceConfig(address, more, settings);
  }

  /** With one more setting. */
  public ServiceConfig withSetting(String name, String value) {
    Map<String, String> more = new TreeMap<>(settings);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return new ServiceConfig(address, images, more);
  }

  /** The part of the address before the first colon. */
  public String scheme() {
    int colon = address.indexOf(':');
    return colon < 0 ? address : address.substring(0, colon);
  }
}
