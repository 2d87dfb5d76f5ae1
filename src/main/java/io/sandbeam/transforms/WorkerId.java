package io.sandbeam.transforms;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The name of this JVM as a worker: its host's, and 8 random characters. */
final class WorkerId {
  private static final String ID = host() + "-" + random();

  private WorkerId() {}

  static String ofThisJvm() {
    return ID;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The random part alone tells workers apart.
      return "worker";
    }
  }

  private static String random() {
    byte[] bytes = new byte[4];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
