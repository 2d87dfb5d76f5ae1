package io.sandbeam.server;

import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.TemplateMerge;
import io.sandbeam.service.http.wire.V1;
import io.sandbeam.service.http.wire.V1Spec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * CreateSandboxFromTemplate: the template and the overrides make a spec, which goes the way of any
 * other. Thread-safe.
 *
 * <p>A request id stands for the request, not for the spec that it made: a caller that repeats the
 * call for want of an answer gets its sandbox, and never a conflict or a second one, although the
 * template has changed or gone meanwhile.
 */
final class TemplateCall {
  private static final String OVERRIDES = "overrides";

  private final Templates templates;
  private final Admission admission;
  private final CreateCall creates;

  TemplateCall(Templates templates, Admission admission, CreateCall creates) {
    this.templates = templates;
    this.admission = admission;
    this.creates = creates;
  }

  CompletableFuture<ApiAnswer> create(ApiRequest request) {
    V1.CreateSandboxFromTemplateRequest body =
        request.body(V1.CreateSandboxFromTemplateRequest.class);
    String id = Reach.requireId("templateId", body.templateId());
    V1Spec.PartialSandboxSpec overrides = body.overrides();
    if (overrides != null) {
      refuseCredentials("containers", overrides.containers());
      refuseCredentials("initContainers", overrides.initContainers());
    }
    return creates.create(
        request.caller(),
        body.requestId(),
        () -> new V1.CreateSandboxFromTemplateRequest(id, overrides, ""),
        () -> plan(request.caller(), id, overrides));
  }

  private CreateCall.Plan plan(Caller caller, String id, V1Spec.PartialSandboxSpec overrides) {
    Template template = templates.find(id);
    V1Spec.SandboxSpec merged = TemplateMerge.merge(template.spec(), overrides);
    return new CreateCall.Plan(
        admission.admit(caller, merged, OVERRIDES),
        Optional.of(new SourceTemplate(id, template.revision())));
  }

  /** The one field of a container that overrides have not. */
  private static void refuseCredentials(String field, List<V1Spec.Container> containers) {
    for (int i = 0; i < containers.size(); i++) {
      if (containers.get(i).imagePullCredentials() != null) {
        String at = OVERRIDES + "." + field + "[" + i + "].imagePullCredentials";
        throw new SandboxValidationException(
            at, "Invalid " + at + ": overrides have no such field");
      }
    }
  }
}
