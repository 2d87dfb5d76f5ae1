package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * The certificate of a server: PEM files, as certificate authorities and ACME clients write them.
 *
 * @param certificates the server's certificate first, then those that lead to its root
 * @param privateKey PKCS #8 ({@code BEGIN PRIVATE KEY}), not encrypted
 */
record TlsFiles(Path certificates, Path privateKey) {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final String[] ALGORITHMS = {"EC", "RSA", "EdDSA"};

  /**
   * Reads both.
   *
   * @throws SandboxException when a file cannot be used; the message says which and why
   */
  SslContextFactory.Server contextFactory() {
    try {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificates)))
              .toArray(Certificate[]::new);
      if (chain.length == 0) {
        throw new SandboxException("There is no certificate in '" + certificates + "'");
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", readKey(), new char[0], chain);
      SslContextFactory.Server factory = new SslContextFactory.Server();
      factory.setKeyStore(store);
      factory.setKeyStorePassword("");
      return factory;
    } catch (IOException | GeneralSecurityException e) {
      throw new SandboxException(
          "Cannot use the certificate '" + certificates + "' with '" + privateKey + "': " + e, e);
    }
  }

  private PrivateKey readKey() throws IOException, GeneralSecurityException {
    Matcher pem = KEY.matcher(Files.readString(privateKey));
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
