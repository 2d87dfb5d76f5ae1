package io.sandbeam.service.docker;

import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * A registry with one image of one layer, by the part of the OCI distribution specification that a
 * pull uses. Engines ask registries of their own machine without TLS, when they have tried with it.
 */
final class LoopbackRegistry implements AutoCloseable {
  private static final String TAG = "1.0";
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

  private final Javalin server;
  private final String host;
  private final Optional<String> login;
  private final Map<String, byte[]> blobs;
  private final byte[] manifest;
  private final String layer;
  private final AtomicInteger layersSent = new AtomicInteger();
  private final AtomicInteger manifestsSent = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile boolean emptied;

  /**
   * @param root the image's root, as a tar archive
   * @param login {@code user:password} of whoever may pull; empty means everybody
   */
  LoopbackRegistry(byte[] root, Optional<String> login) throws IOException {
    this.login = login;
    byte[] tar = unique(root);
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(tar);
    }
    byte[] config =
        utf8(
            """
            {"architecture":"amd64","os":"linux","config":{},\
            "rootfs":{"type":"layers","diff_ids":["%s"]}}"""
                .formatted(digest(tar)));
    this.layer = digest(zipped.toByteArray());
    this.blobs = Map.of(layer, zipped.toByteArray(), digest(config), config);
    this.manifest =
        utf8(
            """
            {"schemaVersion":2,"mediaType":"%s",\
            "config":{"mediaType":"application/vnd.docker.container.image.v1+json",\
            "size":%d,"digest":"%s"},\
            "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip",\
            "size":%d,"digest":"%s"}]}"""
                .formatted(MANIFEST, config.length, digest(config), zipped.size(), layer));
    this.server =
        Javalin.create(
            setUp -> {
              setUp.startup.showJavalinBanner = false;
              setUp.routes.get("/v2/*", this::answer);
              setUp.routes.head("/v2/*", this::answer);
            });
    server.start("127.0.0.1", 0);
    this.host = "127.0.0.1:" + server.port();
  }

  /** With one more file: engines do not fetch a layer that they have, whatever its image. */
  private static byte[] unique(byte[] tar) {
    byte[] header = new byte[512];
    new TarArchiveEntry("image-" + UUID.randomUUID()).writeEntryHeader(header);
    return ByteBuffer.allocate(header.length + tar.length).put(header).put(tar).array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  String host() {
    return host;
  }

  /** The image's name. */
  String image() {
    return host() + "/tools/box:" + TAG;
  }

  /** How often its layer was fetched. */
  int layersSent() {
    return layersSent.get();
  }

  int manifestsSent() {
    return manifestsSent.get();
  }

  /** How often anybody has asked it anything. */
  int asked() {
    return asked.get();
  }

  /** It accepts requests and does not answer them, until {@link #goOn} or {@link #empty}. */
  void stall() {
    gate = new CountDownLatch(1);
  }

  /** It answers again. */
  void goOn() {
    gate.countDown();
  }

  /** It has no image any more, and answers again. */
  void empty() {
    emptied = true;
    gate.countDown();
  }

  private void answer(Context call) throws InterruptedException {
    asked.incrementAndGet();
    gate.await();
    String path = call.path();
    if (!isAllowed(call)) {
      call.header("WWW-Authenticate", "Basic realm=\"registry\"");
      send(call, 401, "application/json", error("UNAUTHORIZED", "authentication required"));
    } else if (path.equals("/v2/")) {
      send(call, 200, "application/json", utf8("{}"));
    } else if (emptied) {
      send(call, 404, "application/json", error("MANIFEST_UNKNOWN", "manifest unknown"));
    } else if (path.equals("/v2/tools/box/manifests/" + TAG)
        || path.equals("/v2/tools/box/manifests/" + digest(manifest))) {
      manifestsSent.incrementAndGet();
      call.header("Docker-Content-Digest", digest(manifest));
      send(call, 200, MANIFEST, manifest);
    } else {
      byte[] blob = blobs.get(path.replaceFirst("/v2/tools/box/blobs/", ""));
      if (blob == null) {
        send(call, 404, "application/json", error("MANIFEST_UNKNOWN", "manifest unknown"));
        return;
      }
      layersSent.addAndGet(path.endsWith(layer) ? 1 : 0);
      send(call, 200, "application/octet-stream", blob);
    }
  }

  private boolean isAllowed(Context call) {
    return login.isEmpty()
        || ("Basic " + Base64.getEncoder().encodeToString(utf8(login.get())))
            .equals(call.header("Authorization"));
  }

  private static byte[] error(String code, String message) {
    return utf8("{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}".formatted(code, message));
  }

  private static void send(Context call, int status, String type, byte[] body) {
    call.status(status).contentType(type).result(body);
  }

  @Override
  public void close() {
    gate.countDown();
    server.stop();
  }
}
