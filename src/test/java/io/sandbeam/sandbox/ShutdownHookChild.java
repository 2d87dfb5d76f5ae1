package io.sandbeam.sandbox;

import io.sandbeam.service.SandboxService;
import io.sandbeam.testing.FaultySandboxService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/** The program that {@link ShutdownHookTest} runs: three sandboxes, then an end of some kind. */
final class ShutdownHookChild {
  private ShutdownHookChild() {}

  /** Arguments: how it ends (wait, exit or return), and how its sandboxes end (fine or stuck). */
  public static void main(String[] arguments) throws InterruptedException {
    FaultySandboxService memory = FaultySandboxService.inMemory();
    if (arguments[1].equals("stuck")) {
      memory.stickNextStops(3);
    }
    Session session = Session.open(narrated(memory), SandboxDefaults.none());
    session.sandbox().start().join();
    session.sandbox().start().join();
    Sandbox alone = Sandbox.run(narrated(memory), SandboxDefaults.none());
    say("ready " + alone.id().orElseThrow());
    switch (arguments[0]) {
      case "wait" -> new CountDownLatch(1).await();
      case "exit" -> System.exit(7);
      default -> say("returning");
    }
  }

  /** Says aloud what is deleted. */
  private static SandboxService narrated(SandboxService service) {
    return (SandboxService)
        Proxy.newProxyInstance(
            ShutdownHookChild.class.getClassLoader(),
            new Class<?>[] {SandboxService.class},
            (proxy, method, parameters) -> {
              if (method.getName().equals("delete")) {
                say("delete");
              }
              try {
                return method.invoke(service, parameters);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
