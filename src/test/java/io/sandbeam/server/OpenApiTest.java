package io.sandbeam.server;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.sandbeam.service.http.wire.ApiMethod;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The server's description of itself is valid, complete and true. */
class OpenApiTest {

  @Test
  void givenTheDescription_thenItIsValidOpenApi31() {
    try (TestServer server = TestServer.open()) {
      SwaggerParseResult result = parse(server.get("/openapi.json").expect(200).body());
      assertThat(result.getMessages(), is(empty()));
      assertThat(result.getOpenAPI().getOpenapi(), is("3.1.0"));
    }
  }

  @Test
  void givenABrokenDescription_thenTheValidatorFindsIt() {
    String broken = OpenApi.document("1").replace("\"operationId\"", "\"operationIdentity\"");
    assertThat(parse(broken).getMessages().isEmpty(), is(false));
  }

  @Test
  void givenEveryMethod_thenItIsDescribedWithItsParameters() throws Exception {
    JsonNode document = TestServer.JSON.readTree(OpenApi.document("1"));
    for (ApiMethod method : ApiMethod.values()) {
      JsonNode operation =
          document
              .path("paths")
              .path(method.pathTemplate())
              .path(method.verb().name().toLowerCase(Locale.ROOT));
      assertThat(method.rpc(), operation.path("operationId").asText(), is(method.rpc()));
      assertThat(
          method.rpc(),
          operation.path("parameters").size(),
          is(method.query().size() + (method.idName().isPresent() ? 1 : 0)));
    }
  }

  @Test
  void givenAFileToRead_thenItsPathIsDescribedAsRequiredWhichItIs() throws Exception {
    JsonNode parameters =
        TestServer.JSON
            .readTree(OpenApi.document("1"))
            .path("paths")
            .path(ApiMethod.READ_FILE.pathTemplate())
            .path("get")
            .path("parameters");
    for (JsonNode parameter : parameters) {
      String name = parameter.path("name").asText();
      assertThat(name, parameter.path("required").asBoolean(), is(!name.equals("container")));
    }
    try (TestServer server = TestServer.open()) {
      server.get("/v1/sandboxes/a:readFile").expect(400);
    }
  }

  @Test
  void givenRealAnswers_thenTheyAreAsDescribed() throws Exception {
    try (TestServer server = TestServer.open()) {
      JsonNode document = TestServer.JSON.readTree(server.get("/openapi.json").body());
      TestServer.Answer created = server.post("/v1/sandboxes", TestServer.CREATE).expect(200);
      String path = "/v1/sandboxes/" + created.id();
      conforms(
          document,
          "Status",
          server.post("/v1/sandboxes:createFromTemplate", "{\"templateId\": \"t\"}").expect(404));
      conforms(document, "Sandbox", created);
      conforms(document, "ListSandboxesResponse", server.get("/v1/sandboxes"));
      conforms(
          document, "ExecResponse", server.post(path + ":exec", "{\"command\": [\"a\", \"b\"]}"));
      conforms(document, "FileSystemSnapshot", server.post(path + ":snapshot", "{}"));
      conforms(document, "ListFileSystemSnapshotsResponse", server.get("/v1/fileSystemSnapshots"));
      conforms(document, "DeleteSandboxResponse", server.delete(path));
      conforms(
          document,
          "PurgeSandboxesResponse",
          server.post("/v1/sandboxes:purge", "{\"purgeAll\": true}"));
      conforms(document, "Status", server.get("/v1/sandboxes/none"));
      conforms(document, "Status", server.get("/v1/sandboxes?pageSize=x"));
    }
  }

  private static void conforms(JsonNode document, String schema, TestServer.Answer answer) {
    ObjectNode whole = TestServer.JSON.createObjectNode();
    whole.put("$ref", "#/components/schemas/" + schema);
    whole.set("components", document.get("components"));
    assertThat(document.at("/components/schemas/" + schema), notNullValue());
    assertThat(
        schema + ": " + answer.body(),
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(whole)
            .validate(answer.json()),
        is(empty()));
  }

  private static SwaggerParseResult parse(String document) {
    return new OpenAPIV3Parser().readContents(document, null, new ParseOptions());
  }
}
