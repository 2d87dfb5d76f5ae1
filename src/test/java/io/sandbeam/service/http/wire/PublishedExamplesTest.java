package io.sandbeam.service.http.wire;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every published example is accepted, and produced again as it was. */
class PublishedExamplesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Map<String, Class<? extends Record>> TYPES =
      Stream.of(
              V1.Sandbox.class,
              V1.ExecRequest.class,
              V1.ExecResponse.class,
              V1.ListSandboxesResponse.class,
              V1.DeleteSandboxResponse.class,
              V1.WriteFileRequest.class,
              V1.ReadFileResponse.class,
              V1.CreateFileSystemSnapshotRequest.class,
              V1Status.FileSystemSnapshot.class,
              V1.PurgeSandboxesRequest.class,
              V1.PurgeSandboxesResponse.class)
          .collect(Collectors.toMap(Class::getSimpleName, type -> type));

  record Example(String message, String json) {}

  /** One a line: the message's name, a tab, its JSON. */
  static List<Example> examples() throws IOException {
    try (InputStream in = PublishedExamplesTest.class.getResourceAsStream("examples.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", 2))
          .map(parts -> new Example(parts[0], parts[1]))
          .toList();
    }
  }

  @Test
  void givenExamples_whenCounted_thenNoneWasForgotten() throws IOException {
    assertThat(examples(), hasSize(18));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void givenExample_whenReadStrictlyAndWritten_thenItIsTheSame(Example example) throws IOException {
    JsonNode published = MAPPER.readTree(example.json());
    byte[] json = example.json().getBytes(StandardCharsets.UTF_8);

    byte[] written =
        example.message().equals("google.rpc.Status")
            ? RpcStatusJson.write(RpcStatusJson.read(json, 500))
            : ProtoJson.write(ProtoJson.readStrictly(json, TYPES.get(example.message()), ""));

    assertThat(MAPPER.readTree(written), is(published));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void givenExample_whenReadTolerantly_thenItIsTheSameAsReadStrictly(Example example) {
    if (example.message().equals("google.rpc.Status")) {
      return;
    }
    byte[] json = example.json().getBytes(StandardCharsets.UTF_8);
    Class<? extends Record> type = TYPES.get(example.message());

    byte[] strictly = ProtoJson.write(ProtoJson.readStrictly(json, type, ""));
    byte[] tolerantly = ProtoJson.write(ProtoJson.readTolerantly(json, type));

    assertThat(tolerantly, is(strictly));
  }
}
