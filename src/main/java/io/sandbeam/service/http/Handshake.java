package io.sandbeam.service.http;

import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.function.Predicate;
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

  /** How Okio shows the head of an alert, where a line was awaited. */
  private static final String ALERT_INSTEAD_OF_A_LINE = " content=1503";

  private Handshake() {}

  /** What to do about a failure that no repetition mends; empty for one that may pass. */
  static Optional<String> remedy(SSLException failure) {
    if (NOT_TLS.equals(failure.getMessage())) {
      return Optional.of("this port does not speak TLS: is it --service=http://HOST:PORT?");
    } else if (failure instanceof SSLPeerUnverifiedException) {
      return Optional.of(
          "its certificate is for another name: call it by one that it has, or give it one for this name");
    } else if (any(failure, Handshake::isAboutTime)) {
      return Optional.of("renew the server's certificate, if the clock here is right");
    }
    return any(failure, Handshake::isAboutTrust)
        ? Optional.of("trust a certificate with the setting caFile")
        : Optional.empty();
  }

  /** Whether the answer to a request in clear was what TLS says to that. */
  static boolean speaksTls(IOException failure) {
    return any(
        failure,
        cause ->
            cause.getMessage() != null && cause.getMessage().contains(ALERT_INSTEAD_OF_A_LINE));
  }

  private static boolean any(Throwable failure, Predicate<Throwable> is) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .limit(20)
        .anyMatch(is);
  }

  private static boolean isAboutTime(Throwable cause) {
    return cause instanceof CertificateExpiredException
        || cause instanceof CertificateNotYetValidException;
  }

  private static boolean isAboutTrust(Throwable cause) {
    return cause instanceof CertificateException
        || cause instanceof CertPathBuilderException
        || cause instanceof CertPathValidatorException;
  }
}
