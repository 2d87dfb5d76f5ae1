package io.sandbeam.service.http.wire;

import java.util.List;

/**
 * The spec that a template and its overrides make: each field of the overrides that is present
 * takes the place of the template's, whole. A list or a map is present when it holds something,
 * since JSON does not tell an empty one from none; so {@code tags}, {@code containers} and {@code
 * annotations} are replaced, and never added to.
 */
public final class TemplateMerge {
  private TemplateMerge() {}

  /**
   * Puts the overrides over the template.
   *
   * @param overrides null for none
   */
  public static V1Spec.SandboxSpec merge(
      V1Spec.SandboxSpec template, V1Spec.PartialSandboxSpec overrides) {
    if (overrides == null) {
      return template;
    }
    MessageShape partial = MessageShape.of(V1Spec.PartialSandboxSpec.class);
    MessageShape whole = MessageShape.of(V1Spec.SandboxSpec.class);
    List<FieldShape> fields = whole.fields();
    Object[] values = new Object[fields.size()];
    for (int i = 0; i < values.length; i++) {
      FieldShape field = fields.get(i);
      Object value = partial.get(partial.field(field.name()), overrides);
      values[i] = field.isUnset(value) ? whole.get(field, template) : value;
    }
    return (V1Spec.SandboxSpec) whole.newMessage(values);
  }
}
