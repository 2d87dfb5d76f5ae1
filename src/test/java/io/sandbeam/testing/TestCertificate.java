package io.sandbeam.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for localhost that nobody trusts yet, made by the JDK's keytool, and its PEM files.
 *
 * @param certificate the certificate, as PEM
 * @param key the private key, as PKCS #8 PEM
 * @param store both
 */
public record TestCertificate(Path certificate, Path key, KeyStore store) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Makes one in a folder. */
  public static TestCertificate in(Path folder)
      throws IOException, GeneralSecurityException, InterruptedException {
    return in(folder, "SAN=dns:localhost,ip:127.0.0.1");
  }

  /**
   * Makes one in a folder.
   *
   * @param names as keytool's {@code -ext} takes them
   * @param more of keytool's options, such as its time
   */
  public static TestCertificate in(Path folder, String names, String... more)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve("store.p12");
    Files.deleteIfExists(store);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", "server", "-keyalg", "EC"));
    command.addAll(List.of("-dname", "CN=localhost", "-ext", names, "-storetype", "PKCS12"));
    command.addAll(List.of("-keystore", store.toString(), "-storepass", new String(PASSWORD)));
    command.addAll(List.of(more));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed: " + said);
    }
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new TestCertificate(
        pem(folder, "CERTIFICATE", made.getCertificate("server").getEncoded()),
        pem(folder, "PRIVATE KEY", made.getKey("server", PASSWORD).getEncoded()),
        made);
  }

  /** Writes a PEM file. */
  public static Path pem(Path folder, String kind, byte[] content) throws IOException {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    return Files.writeString(
        folder.resolve(kind.replace(' ', '-') + ".pem"),
        "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n");
  }

  /** For a client that trusts it and nothing else. */
  public SSLContext trusting() throws IOException, GeneralSecurityException {
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }

  /** For a server that shows it. */
  public SSLContext serving() throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
