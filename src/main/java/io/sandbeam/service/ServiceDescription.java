package io.sandbeam.service;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a service is.
 *
 * @param name for people: {@code local}, {@code docker 20.10}
 * @param hosts the machines its lists cover; a local service sees its own only
 * @param facts isolation and limits in force, by name
 */
public record ServiceDescription(String name, Set<String> hosts, Map<String, String> facts) {
  public ServiceDescription {
    hosts = Set.copyOf(hosts);
    facts = Collections.unmodifiableMap(new TreeMap<>(facts));
  }
}
