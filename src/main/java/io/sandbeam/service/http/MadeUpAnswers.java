package io.sandbeam.service.http;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;

/**
 * Stands in the way of every request and answers it: what is created runs, what is executed ends
 * with 0, what is deleted is gone, and all else is answered by an empty message. No connection is
 * made.
 */
final class MadeUpAnswers implements Interceptor {
  private static final MediaType JSON = MediaType.get("application/json");

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(200)
        .message("")
        .body(ResponseBody.create(answer(request), JSON))
        .build();
  }

  private static String answer(Request request) throws IOException {
    List<String> path = request.url().pathSegments();
    String last = path.get(path.size() - 1);
    if (request.method().equals("DELETE")) {
      return "{\"sandbox\":{" + state(last, "STATE_TERMINATED") + "}}";
    }
    if (!last.equals("sandboxes") || !request.method().equals("POST")) {
      return "{}";
    }
    Buffer body = new Buffer();
    request.body().writeTo(body);
    String asked = body.readUtf8();
    String id = UUID.randomUUID().toString();
    return asked.substring(0, asked.lastIndexOf('}')) + "," + state(id, "STATE_RUNNING") + "}";
  }

  private static String state(String id, String state) {
    return String.format(
        "\"sandboxId\":\"%s\",\"status\":{\"state\":\"%s\",\"createTime\":\"%s\"}",
        id, state, Instant.now());
  }
}
