package io.sandbeam.server;

import io.sandbeam.service.http.wire.RpcStatus;
import io.sandbeam.service.http.wire.RpcStatusJson;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What is not even HTTP, or breaks inside it, is answered like everything else: as a status. */
final class MalformedRequests extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      String message,
      Throwable cause,
      Callback callback) {
    RpcStatus status =
        RpcStatus.of(RpcStatus.Code.ofHttpStatus(code), "Malformed request: " + message);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.write(true, ByteBuffer.wrap(RpcStatusJson.write(status)), callback);
  }
}
