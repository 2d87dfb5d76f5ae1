import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the machine gives: the same execs from a bare HTTP client, so many at a time, and no sandboxes. */
final class ExecLoop {
  public static void main(String[] args) throws Exception {
    URI exec = URI.create("http://127.0.0.1:" + args[0] + "/v1/sandboxes/none:exec");
    int count = Integer.parseInt(args[1]);
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[2]));
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request =
        HttpRequest.newBuilder(exec)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"command\":[\"true\",\"bench-command\"]}"))
            .build();
    List<Future<Integer>> ends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ends.add(threads.submit(() -> client.send(request, BodyHandlers.ofString()).statusCode()));
    }
    for (Future<Integer> end : ends) {
      if (end.get() != 200) {
        throw new IOException("HTTP " + end.get());
      }
    }
    threads.shutdown();
  }
}
