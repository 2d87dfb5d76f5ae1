package io.sandbeam.yaml;

import java.util.Collection;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema transforms on the class path, by their identifiers. They are looked for when the first
 * one is asked for; a provider that cannot be loaded (for want of a jar it needs) is left out.
 */
final class SchemaTransforms {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaTransforms.class);

  private Map<String, SchemaTransformProvider> found;

  /** The type that a name stands for, or an error at the step. */
  TransformType named(String name, String identifier, Location location) {
    SchemaTransformProvider provider = all().get(identifier);
    if (provider == null) {
      throw location.error(
          "no schema transform "
              + NearestName.quoted(identifier)
              + (name.equals(identifier) ? "" : " (type " + NearestName.quoted(name) + ")")
              + " is on the class path"
              + NearestName.hint(identifier, identifiers())
              + "; add the jar that brings it; there are: "
              + NearestName.list(identifiers()));
    }
    return new ProvidedType(name, provider);
  }

  private Collection<String> identifiers() {
    return all().keySet();
  }

  private Map<String, SchemaTransformProvider> all() {
    if (found == null) {
      Map<String, SchemaTransformProvider> providers = new TreeMap<>();
      ServiceLoader.load(SchemaTransformProvider.class).stream()
          .forEach(candidate -> add(providers, candidate));
      found = providers;
    }
    return found;
  }

  private static void add(
      Map<String, SchemaTransformProvider> providers,
      ServiceLoader.Provider<SchemaTransformProvider> candidate) {
    try {
      SchemaTransformProvider provider = candidate.get();
      providers.putIfAbsent(provider.identifier(), provider);
    } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
      LOG.debug("Left out a schema transform provider that cannot be loaded", e);
    }
  }
}
