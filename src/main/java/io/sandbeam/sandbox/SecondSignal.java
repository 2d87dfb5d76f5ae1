package io.sandbeam.sandbox;

import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a signal end a JVM that is ending already. By itself the JVM ignores it: the handler's
 * thread waits for the lock that the shutdown holds.
 *
 * <p>{@code sun.misc.Signal} is the only way to hear a signal; it is in the supported module {@code
 * jdk.unsupported}. It is reached by reflection, since the compiler warns of it in a way that
 * cannot be switched off. Handlers are installed when the shutdown begins, so that those of the
 * program are its own until then.
 */
final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

  private static volatile Runnable lastAct = () -> {};

  private SecondSignal() {}

  static void lastAct(Runnable act) {
    lastAct = act;
  }

  static void endsAtOnce() {
    on("INT", 130);
    on("TERM", 143);
  }

  private static void on(String name, int status) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object halt =
          Proxy.newProxyInstance(
              SecondSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  endNow(status);
                }
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), halt);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // With -Xrs, or where there is no such signal: the shutdown then takes its time.
      LOG.debug("SIG{} cannot cut the shutdown short", name, e);
    }
  }

  private static void endNow(int status) {
    try {
      lastAct.run();
    } finally {
      Runtime.getRuntime().halt(status);
    }
  }
}
