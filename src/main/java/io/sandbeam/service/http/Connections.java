package io.sandbeam.service.http;

import io.sandbeam.service.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** Sets up the HTTP client. */
final class Connections {
  static final String USER_AGENT = "sandbeam/" + version();

  /** Room for reads, lists and deletes while every command slot is taken. */
  private static final int HEADROOM = 32;

  /** Shorter than the idle time of common servers and proxies, so that none closes it first. */
  private static final Duration IDLE = Duration.ofSeconds(15);

  private Connections() {}

  static OkHttpClient client(HttpSettings settings) {
    int most = settings.concurrency() + HEADROOM;
    Dispatcher dispatcher = new Dispatcher(threads(most));
    dispatcher.setMaxRequests(most);
    dispatcher.setMaxRequestsPerHost(most);
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .dispatcher(dispatcher)
            .connectionPool(new ConnectionPool(most, IDLE.toSeconds(), TimeUnit.SECONDS))
            .eventListenerFactory(Sent.listener())
            .followRedirects(false)
            .followSslRedirects(false)
            .connectTimeout(Duration.ofSeconds(10))
            // A command may be silent for as long as it likes: the deadline of the call is the
            // limit.
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ofSeconds(60))
            // HTTP/2 only: finds dead connections.
            .pingInterval(Duration.ofSeconds(20));
    settings.caFile().ifPresent(file -> trust(builder, file));
    return builder.build();
  }

  /**
   * OkHttp holds a thread for each call that is under way. Where the JDK has virtual threads (21
   * and newer) these are a handful of real ones; elsewhere they have small stacks, and end when
   * idle.
   */
  private static ExecutorService threads(int most) {
    return new ThreadPoolExecutor(
        0,
        most + 1,
        IDLE.toSeconds(),
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        VirtualThreads.factory("sandbeam-http-").orElseGet(Connections::smallThreads));
  }

  private static ThreadFactory smallThreads() {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(null, task, "sandbeam-http-" + count.incrementAndGet(), 256 << 10);
      thread.setDaemon(true);
      return thread;
    };
  }

  private static void trust(OkHttpClient.Builder builder, String file) {
    try (InputStream pem = Files.newInputStream(Path.of(file))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (X509TrustManager manager : managers(null)) {
        for (Certificate certificate : manager.getAcceptedIssuers()) {
          store.setCertificateEntry("platform-" + number++, certificate);
        }
      }
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("own-" + number++, certificate);
      }
      X509TrustManager[] managers = managers(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers, null);
      builder.sslSocketFactory(context.getSocketFactory(), managers[0]);
    } catch (IOException | GeneralSecurityException e) {
      throw new SandboxException("Cannot read certificates from caFile '" + file + "': " + e, e);
    }
  }

  private static X509TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    TrustManager[] all = factory.getTrustManagers();
    return Arrays.stream(all)
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .toArray(X509TrustManager[]::new);
  }

  private static String version() {
    String version = Connections.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
