package io.sandbeam.service.http;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Tells a peer that is not trusted, or speaks no TLS, from one that only broke off: a server that
 * restarts closes connections in the midst of a handshake, too.
 */
final class Handshake {
  /** How the JDK says that what came back is no TLS. */
  private static final String NOT_TLS = "Unsupported or unrecognized SSL message";

  private Handshake() {}

  /** What to do about a failure that no repetition mends; empty for one that may pass. */
  static Optional<String> remedy(SSLException failure) {
    if (NOT_TLS.equals(failure.getMessage())) {
      return Optional.of("this port does not speak TLS: is it --service=http://HOST:PORT?");
    }
    boolean untrusted =
        Stream.<Throwable>iterate(failure, cause -> cause != null, Throwable::getCause)
            .limit(20)
            .anyMatch(Handshake::isAboutTrust);
    return untrusted
        ? Optional.of("trust a certificate with the setting caFile")
        : Optional.empty();
  }

  private static boolean isAboutTrust(Throwable cause) {
    return cause instanceof SSLPeerUnverifiedException
        || cause instanceof CertificateException
        || cause instanceof CertPathBuilderException
        || cause instanceof CertPathValidatorException;
  }
}
