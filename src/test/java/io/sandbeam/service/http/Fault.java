package io.sandbeam.service.http;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;

/** What goes wrong with one request. */
enum Fault {
  DROPPED_BEFORE_EFFECT(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return dropped();
    }
  },
  DROPPED_AFTER_EFFECT(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      MockResponse unused = effect.get();
      return dropped();
    }
  },
  UNAVAILABLE(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return new MockResponse.Builder().code(503).body("<html>no upstream</html>").build();
    }
  },
  UNAVAILABLE_WITH_HINT(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return status(503, 14, "0.300s");
    }
  },
  INTERNAL_ERROR(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      MockResponse unused = effect.get();
      return new MockResponse.Builder().code(500).body("oops").build();
    }
  },
  TRUNCATED_BODY(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return effect
          .get()
          .newBuilder()
          .setHeader("Content-Length", 100_000)
          .onResponseEnd(new SocketEffect.CloseSocket())
          .build();
    }
  },
  WRONG_CONTENT_TYPE(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return effect.get().newBuilder().setHeader("Content-Type", "text/html").build();
    }
  },
  NOT_JSON(Kind.AMBIGUOUS) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      MockResponse unused = effect.get();
      return ForeignServer.json(200, "{\"sandboxId\": ".getBytes(StandardCharsets.UTF_8));
    }
  },
  SLOW_DRIP(Kind.SLOW) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      MockResponse whole = effect.get();
      return whole
          .newBuilder()
          .body("{\"sandboxId\": \"" + "x".repeat(100) + "\"}")
          .throttleBody(1, 1, SECONDS)
          .build();
    }
  },
  EXHAUSTED(Kind.QUOTA) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return status(429, 8, "");
    }
  },
  EXHAUSTED_WITH_HINT(Kind.QUOTA) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return status(429, 8, "0.300s");
    }
  },
  REDIRECT(Kind.FINAL) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return new MockResponse.Builder()
          .code(307)
          .setHeader("Location", "http://localhost:1/stolen")
          .build();
    }
  },
  UNAUTHENTICATED(Kind.FINAL) {
    @Override
    MockResponse answer(Supplier<MockResponse> effect) {
      return status(401, 16, "");
    }
  };

  /** What a caller may make of it. */
  enum Kind {
    /** It may have been done or not. */
    AMBIGUOUS,
    /** As AMBIGUOUS, and only the deadline notices. */
    SLOW,
    /** Nothing was done; later it may be. */
    QUOTA,
    /** Nothing was done, and will not be. */
    FINAL
  }

  private final Kind kind;

  Fault(Kind kind) {
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /**
   * @param effect does what was asked, and gives the right answer
   */
  abstract MockResponse answer(Supplier<MockResponse> effect);

  private static MockResponse dropped() {
    return new MockResponse.Builder().onResponseStart(new SocketEffect.CloseSocket()).build();
  }

  private static MockResponse status(int http, int code, String retryDelay) {
    String details =
        retryDelay.isEmpty()
            ? ""
            : ", \"details\": [{\"@type\": \"type.googleapis.com/google.rpc.RetryInfo\","
                + " \"retryDelay\": \""
                + retryDelay
                + "\"}]";
    String json = "{\"code\": " + code + ", \"message\": \"not now\"" + details + "}";
    return ForeignServer.json(http, json.getBytes(StandardCharsets.UTF_8));
  }
}
