package io.sandbeam.service.docker;

import com.github.dockerjava.api.exception.NotFoundException;
import io.sandbeam.service.Effect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads an image's own {@code /etc/hosts}, from a container that is never started. */
final class HostsFile {
  private static final int LONGEST = 64 * 1024;

  private final Engine engine;
  private final String image;

  HostsFile(Engine engine, String image) {
    this.engine = engine;
    this.image = image;
  }

  boolean knowsLocalhost() {
    return engine.call(
        "read /etc/hosts of image " + image,
        Effect.NONE,
        () -> {
          // Should we die here, the next list of anybody removes it: its time is over at once.
          String id =
              engine
                  .client()
                  .createContainerCmd(image)
                  .withLabels(Map.of(Labels.PRODUCT, "", Labels.LIFETIME, "1"))
                  .withCmd("true")
                  .withNetworkDisabled(true)
                  .exec()
                  .getId();
          try (InputStream archive =
              engine.client().copyArchiveFromContainerCmd(id, "/etc/hosts").exec()) {
            return namesLocalhost(archive);
          } catch (NotFoundException e) {
            return false;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          } finally {
            engine.remove(id);
          }
        });
  }

  private static boolean namesLocalhost(InputStream archive) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(archive)) {
      if (tar.getNextEntry() == null) {
        return false;
      }
      String text = new String(tar.readNBytes(LONGEST), StandardCharsets.UTF_8);
      return text.lines()
          .anyMatch(line -> line.matches("127\\.0\\.0\\.1\\s(.*\\s)?localhost(\\s.*)?"));
    }
  }
}
