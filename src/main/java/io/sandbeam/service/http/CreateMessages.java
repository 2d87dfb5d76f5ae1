package io.sandbeam.service.http;

import io.sandbeam.service.RequestId;
import io.sandbeam.service.SandboxSpec;
import io.sandbeam.service.SandboxValidationException;
import io.sandbeam.service.http.wire.ApiMethod;
import io.sandbeam.service.http.wire.OverridesMapping;
import io.sandbeam.service.http.wire.Query;
import io.sandbeam.service.http.wire.SpecMapping;
import io.sandbeam.service.http.wire.V1;

/**
 * How a sandbox is asked for: by its whole spec, or by a template and what differs from it. Either
 * way the call carries the request id, and making it twice makes one sandbox. Thread-safe.
 */
final class CreateMessages {
  private final HttpSettings settings;
  private final Api api;

  CreateMessages(HttpSettings settings, Api api) {
    this.settings = settings;
    this.api = api;
  }

  /**
   * The call that creates one.
   *
   * @throws SandboxValidationException when the spec cannot be written so
   */
  ApiCall of(SandboxSpec given, RequestId requestId) {
    SandboxSpec spec = aliased(given);
    return settings
        .template()
        .map(template -> fromTemplate(template, spec, requestId))
        .orElseGet(() -> whole(spec, requestId));
  }

  private ApiCall whole(SandboxSpec given, RequestId requestId) {
    // Named by somebody after all: a server's own default is not for it.
    SandboxSpec spec =
        given.image().isPresent()
            ? given
            : settings.image().map(image -> given.toBuilder().image(image).build()).orElse(given);
    return api.call(ApiMethod.CREATE_SANDBOX, "")
        .withQuery(Query.of(ApiMethod.CREATE_SANDBOX).add("requestId", requestId.value()).build())
        .withBody(V1.Sandbox.of(SpecMapping.toWire(spec)));
  }

  private ApiCall fromTemplate(String template, SandboxSpec spec, RequestId requestId) {
    return api.call(ApiMethod.CREATE_SANDBOX_FROM_TEMPLATE, "")
        .withBody(
            new V1.CreateSandboxFromTemplateRequest(
                template, OverridesMapping.toWire(spec, settings.image()), requestId.value()));
  }

  private SandboxSpec aliased(SandboxSpec spec) {
    return spec.image()
        .map(settings.images()::get)
        .map(image -> spec.toBuilder().image(image).build())
        .orElse(spec);
  }
}
