import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;

/** What one writes into a DoFn without Sandbeam: a process for each element, waited for. */
final class ProcessLoop {
  public static void main(String[] args) throws Exception {
    int count = Integer.parseInt(args[0]);
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[1]));
    List<Future<Integer>> ends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ends.add(threads.submit(() -> run(args[2])));
    }
    for (Future<Integer> end : ends) {
      if (end.get() != 0) {
        throw new IOException(args[2] + " failed");
      }
    }
    threads.shutdown();
  }

  private static int run(String program) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(program).redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }
}
