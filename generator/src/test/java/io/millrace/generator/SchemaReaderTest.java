package io.millrace.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SchemaReaderTest {
  @Test
  void aMessageWithoutValidVersionsIsGone() {
    assertThat(SchemaReader.read("{'name': 'Old', 'validVersions': 'none'}".replace('\'', '"')))
        .isEmpty();
  }

  @Test
  void aBareNullIsNoDefault() {
    Field field =
        onlyField(
            "'name': 'A', 'type': 'string', 'versions': '0+', 'nullableVersions': '0+',"
                + " 'default': null");
    assertThat(FieldDefault.value(field)).isEqualTo("\"\"");
  }

  @Test
  void defaults() {
    assertThat(defaultOf("int16", "")).isEqualTo("0");
    assertThat(defaultOf("int32", "0x7fffffff")).isEqualTo("2147483647");
    assertThat(defaultOf("int64", "-1")).isEqualTo("-1L");
    assertThat(defaultOf("bool", "true")).isEqualTo("true");
    assertThat(defaultOf("float64", "1.5")).isEqualTo("1.5");
    assertThat(defaultOf("string", "a\"b")).isEqualTo("\"a\\\"b\"");
    assertThat(defaultOf("uuid", "")).isEqualTo("Uuid.ZERO");
    assertThatThrownBy(() -> defaultOf("int8", "128"))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining("'128' is no default for int8");
  }

  @Test
  void recordsThatMayBeNullAreNullByDefault() {
    Field field =
        onlyField("'name': 'A', 'type': 'records', 'versions': '0+', 'nullableVersions': '0+'");
    assertThat(FieldDefault.value(field)).isEqualTo("null");
    assertThat(defaultOf("records", "")).isEqualTo("RecordData.EMPTY");
  }

  @Test
  void mistakesAreNamed() {
    assertMistake("'name': 'A', 'type': 'int33', 'versions': '0+'", "unknown type 'int33'");
    assertMistake("'name': 'A', 'type': 'int32'", "T.A: no versions");
    assertMistake(
        "'name': 'A', 'type': 'int32', 'versions': '0+', 'nullableVersions': '0+'",
        "cannot be null");
    assertMistake(
        "'name': 'A', 'type': 'int32', 'versions': '0+', 'sort': 1", "unknown key 'sort'");
    assertMistake("'name': 'A', 'type': 'B', 'versions': '0+'", "struct B is not defined");
    assertMistake(
        "'name': 'A', 'type': 'int32', 'versions': '0+', 'tag': 0", "tag and taggedVersions");
    assertMistake(
        "'name': 'A', 'type': 'int32', 'versions': '0+'}, {'name': 'A', 'type': 'int32',"
            + " 'versions': '0+'",
        "two a");
    assertMistake("'name': 'ApiKey', 'type': 'int32', 'versions': '0+'", "T.ApiKey");
    assertMistake(
        "'name': 'A', 'type': '[]List', 'versions': '0+', 'fields': [{'name': 'B', 'type':"
            + " 'int32', 'versions': '0+'}]",
        "cannot be named List");
  }

  @Test
  void aRedactedFieldThatIsMissingIsAMistake() {
    String json =
        "{'apiKey': 36, 'type': 'request', 'name': 'SaslAuthenticateRequest',"
            + " 'validVersions': '0', 'fields': []}";
    assertThatThrownBy(() -> SchemaReader.read(json.replace('\'', '"')))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining("SaslAuthenticateRequest.AuthBytes is to be redacted");
  }

  private static String defaultOf(String type, String text) {
    String value = text.replace("\"", "\\\"");
    return FieldDefault.value(
        onlyField(
            "'name': 'A', 'type': '" + type + "', 'versions': '0+', 'default': '" + value + "'"));
  }

  private static void assertMistake(String field, String message) {
    assertThatThrownBy(() -> onlyField(field))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining(message);
  }

  private static Field onlyField(String field) {
    String json =
        "{'type': 'data', 'name': 'T', 'validVersions': '0-3', 'flexibleVersions': '2+',"
            + " 'fields': [{"
            + field
            + "}]}";
    return SchemaReader.read(json.replace('\'', '"')).orElseThrow().body().fields().getFirst();
  }
}
