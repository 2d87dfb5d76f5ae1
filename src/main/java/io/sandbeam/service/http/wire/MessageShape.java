package io.sandbeam.service.http.wire;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a message, read once from its record. Immutable; safe for any number of threads.
 */
public final class MessageShape {
  private static final ClassValue<MessageShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected MessageShape computeValue(Class<?> type) {
          return new MessageShape(type);
        }
      };

  private static final Set<Class<?>> INFORMATIVE =
      Set.of(V1Spec.SandboxSpec.class, V1Status.SandboxStatus.class);

  private final Class<?> type;
  private final List<FieldShape> fields;
  private final Map<String, Integer> indexByName = new HashMap<>();
  private final Object[] defaults;
  private final Constructor<?> constructor;

  private MessageShape(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    if (components == null) {
      throw new IllegalArgumentException(type + " is not a message: it is no record");
    }
    this.type = type;
    this.fields = Arrays.stream(components).map(FieldShape::of).toList();
    this.defaults = fields.stream().map(FieldShape::defaultValue).toArray();
    for (int i = 0; i < fields.size(); i++) {
      indexByName.put(fields.get(i).name(), i);
      indexByName.put(fields.get(i).snakeCaseName(), i);
    }
    try {
      this.constructor =
          type.getConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException("a message is a public record: " + type, e);
    }
    constructor.setAccessible(true); // else each call looks at who calls
  }

  public static MessageShape of(Class<?> message) {
    return SHAPES.get(message);
  }

  /** The published name of the message. */
  public String name() {
    return type.getSimpleName();
  }

  /** Whether it only describes a sandbox: nothing that a call is for is in it. */
  boolean isInformative() {
    return INFORMATIVE.contains(type);
  }

  /** In the order of the record. */
  public List<FieldShape> fields() {
    return fields;
  }

  /** The index of a field by its lowerCamelCase or snake_case name, or -1. */
  int indexOf(String name) {
    return indexByName.getOrDefault(name, -1);
  }

  /** The field of this name, which there must be. */
  FieldShape field(String name) {
    return fields.get(indexOf(name));
  }

  Object[] defaults() {
    return defaults.clone();
  }

  Object newMessage(Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException("cannot make a " + name(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the constructor of a public record is public", e);
    }
  }

  Object get(FieldShape field, Object message) {
    try {
      return field.accessor().invoke(message);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the accessor of a public record is public", e);
    }
  }
}
