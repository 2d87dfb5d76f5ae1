package io.sandbeam.service.http.wire;

import java.util.List;
import java.util.Map;

/** Network rules and services, with every published field. */
public final class V1Network {
  private V1Network() {}

  /** Rules only allow; the base is deny. Nothing set means the policy's default. */
  public record NetworkOptions(
      List<IngressRule> ingress,
      List<EgressRule> egress,
      Boolean denyEgress,
      Boolean denyIngress) {}

  public record EgressRule(
      @OneOf("peer") CidrBlock cidr,
      @OneOf("peer") String dnsName,
      @OneOf("peer") TenantScope tenant,
      @OneOf("peer") Boolean any,
      @OneOf("peer") SelectorBlock selector,
      List<PortRange> ports) {

    /** Everything that the machine which carries the sandbox can reach. */
    public static EgressRule toAnywhere() {
      return new EgressRule(null, null, null, true, null, List.of());
    }
  }

  public record IngressRule(
      @OneOf("peer") CidrBlock cidr,
      @OneOf("peer") TenantScope tenant,
      @OneOf("peer") Boolean any,
      List<PortRange> ports) {}

  public record CidrBlock(String cidr, List<String> except) {}

  public record SelectorBlock(Map<String, String> podLabels, Map<String, String> namespaceLabels) {}

  public record PortRange(String protocol, int port, int endPort) {}

  public record Service(
      int port,
      String name,
      ServiceProtocol protocol,
      Visibility visibility,
      EndpointSpec endpoint) {}

  public record EndpointSpec(EndpointKind kind, EndpointAuth auth) {}

  public record ServiceStatus(
      int port,
      String name,
      ServiceProtocol protocol,
      Visibility visibility,
      EndpointStatus endpoint,
      String url) {}

  public record EndpointStatus(EndpointKind kind, EndpointAuth auth, String url) {}

  public enum TenantScope {
    TENANT_SCOPE_UNSPECIFIED,
    TENANT_SCOPE_SAME_USER,
    TENANT_SCOPE_SAME_ORG,
    TENANT_SCOPE_SANDBOX_NETWORK
  }

  /** Unspecified means TCP. */
  public enum ServiceProtocol {
    SERVICE_PROTOCOL_UNSPECIFIED,
    SERVICE_PROTOCOL_TCP,
    SERVICE_PROTOCOL_UDP,
    SERVICE_PROTOCOL_SCTP
  }

  public enum Visibility {
    VISIBILITY_UNSPECIFIED,
    VISIBILITY_PUBLIC,
    VISIBILITY_PRIVATE,
    VISIBILITY_CUSTOM
  }

  public enum EndpointKind {
    ENDPOINT_KIND_UNSPECIFIED,
    ENDPOINT_KIND_HTTPS,
    ENDPOINT_KIND_TLS_PASSTHROUGH
  }

  public enum EndpointAuth {
    ENDPOINT_AUTH_UNSPECIFIED,
    ENDPOINT_AUTH_OPEN,
    ENDPOINT_AUTH_TOKEN
  }
}
