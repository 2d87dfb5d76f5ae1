package io.sandbeam.server;

import io.sandbeam.service.SandboxException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up a renewed certificate: from then on new connections see it, and nobody has to start the
 * server again. While the files cannot be used, the last good certificate stays. Thread-safe.
 */
final class CertificateRenewal {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);

  private final TlsFiles files;
  private final SslContextFactory.Server factory = new SslContextFactory.Server();

  // Guarded by this.
  private TlsFiles.Content shown;
  private String problem = "";
  private boolean told;

  /**
   * Takes up the first one.
   *
   * @throws SandboxException when the files cannot be used; the message says which and why
   */
  CertificateRenewal(TlsFiles files) {
    this.files = files;
    this.shown = files.read();
    show(factory, files.keyStore(shown));
  }

  SslContextFactory.Server contextFactory() {
    return factory;
  }

  /** Looks again and again, until the scheduler ends. */
  void every(Duration period, ScheduledExecutorService scheduler) {
    Future<?> unused =
        scheduler.scheduleWithFixedDelay(
            this::look, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
  }

  synchronized void look() {
    try {
      TlsFiles.Content now = files.read();
      if (!now.equals(shown)) {
        KeyStore store = files.keyStore(now);
        factory.reload(context -> show(context, store));
        shown = now;
        LOG.info("The certificate '{}' was renewed: new connections see it", files.certificates());
      }
      problem = "";
    } catch (Exception e) {
      tell(e);
    }
  }

  /** One file may be written after the other: what the next look finds mended is not told. */
  private void tell(Exception failure) {
    String again = String.valueOf(failure.getMessage());
    if (!again.equals(problem)) {
      problem = again;
      told = false;
    } else if (!told) {
      told = true;
      LOG.error("The certificate cannot be renewed; the last one stays", failure);
    }
  }

  private static void show(SslContextFactory factory, KeyStore store) {
    factory.setKeyStore(store);
    factory.setKeyStorePassword("");
  }
}
