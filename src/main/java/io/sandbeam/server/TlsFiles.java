package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of a server: PEM files, as certificate authorities and ACME clients write them.
 *
 * @param certificates the server's certificate first, then those that lead to its root
 * @param privateKey PKCS #8 ({@code BEGIN PRIVATE KEY}), not encrypted
 */
record TlsFiles(Path certificates, Path privateKey) {
  private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final String[] ALGORITHMS = {"EC", "RSA", "EdDSA"};

  /** What both hold, as it was read. */
  record Content(String certificates, String privateKey) {
    @Override
    public String toString() {
      return "a certificate and its key";
    }
  }

  /**
   * Reads both.
   *
   * @throws SandboxException when one cannot be read; the message says which and why
   */
  Content read() {
    try {
      // Certificates may have text in any encoding beside them.
      return new Content(
          Files.readString(certificates, StandardCharsets.ISO_8859_1),
          Files.readString(privateKey, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private SandboxException unusable(Exception cause) {
    return new SandboxException(
        "Cannot use the certificate '" + certificates + "' with '" + privateKey + "': " + cause,
        cause);
  }

  /**
   * What a server shows, and signs with.
   *
   * @throws SandboxException when they cannot be used; the message says which and why
   */
  KeyStore keyStore(Content content) {
    try {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(
                      content.certificates().getBytes(StandardCharsets.ISO_8859_1)))
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new SandboxException("There is no certificate in '" + certificates + "'");
      }
      PrivateKey key = readKey(content.privateKey());
      requirePair(key, chain[0]);
      warnOfTime((X509Certificate) chain[0]);
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key, new char[0], chain);
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /** Else the server starts, and every handshake fails: a renewal that replaced one file only. */
  private void requirePair(PrivateKey key, Certificate certificate)
      throws GeneralSecurityException {
    String kind = key.getAlgorithm();
    boolean pair = kind.equals(certificate.getPublicKey().getAlgorithm());
    if (pair) {
      String algorithm =
          kind.equals("EdDSA") ? kind : "SHA256with" + kind.replaceFirst("^EC$", "ECDSA");
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      pair = signature.verify(signed);
    }
    if (!pair) {
      throw new SandboxException(
          "'"
              + privateKey
              + "' is not the key of the first certificate in '"
              + certificates
              + "': give both of one request, the server's own certificate first");
    }
  }

  private void warnOfTime(X509Certificate certificate) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    Instant now = Instant.now();
    if (now.isBefore(from) || now.isAfter(until)) {
      LOG.warn(
          "Clients will refuse the certificate '{}', which is good from {} until {}: renew it",
          certificates,
          from,
          until);
    }
  }

  private PrivateKey readKey(String text) throws GeneralSecurityException {
    Matcher pem = KEY.matcher(text);
    if (!pem.find()) {
      throw new SandboxException(
          "There is no unencrypted PKCS #8 key in '"
              + privateKey
              + "': make one with `openssl pkcs8 -topk8 -nocrypt -in "
              + privateKey
              + "`");
    }
    PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
    GeneralSecurityException unknown = new GeneralSecurityException("the key is of no known kind");
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(key);
      } catch (GeneralSecurityException e) {
        unknown.addSuppressed(e);
      }
    }
    throw unknown;
  }
}
