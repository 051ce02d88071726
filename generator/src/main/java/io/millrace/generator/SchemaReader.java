package io.millrace.generator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Reads one schema: JSON with comments, as described in Kafka's `common/message/README.md`.
final class SchemaReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

  private static final Set<String> MESSAGE_KEYS =
      Set.of(
          "apiKey",
          "type",
          "listeners",
          "name",
          "validVersions",
          "flexibleVersions",
          "fields",
          "commonStructs",
          "latestVersionUnstable",
          "deprecatedVersions",
          "about");
  private static final Set<String> FIELD_KEYS =
      Set.of(
          "name",
          "type",
          "versions",
          "about",
          "fields",
          "default",
          "entityType",
          "nullableVersions",
          "flexibleVersions",
          "ignorable",
          "mapKey",
          "taggedVersions",
          "tag",
          "zeroCopy");

  /// Names that the generated source uses for something else.
  private static final Set<String> TAKEN_STRUCT_NAMES =
      Set.of(
          "Builder",
          "ArrayList",
          "Collections",
          "List",
          "Nullable",
          "ByteBuffer",
          "String",
          "Uuid",
          "RecordData",
          "RawTaggedField",
          "FieldText",
          "MessageReader",
          "MessageWriter",
          "ApiMessage",
          "UnsupportedVersionException",
          "Override");

  private final String message;
  private final Versions valid;
  private final Versions flexible;
  private final Map<String, JsonNode> commonStructs = new LinkedHashMap<>();
  private final Map<String, StructSchema> structs = new LinkedHashMap<>();

  /// The names of all fields of the message and its structs, as the schema has them.
  private final Set<String> fieldNames = new HashSet<>();

  private SchemaReader(String message, Versions valid, Versions flexible) {
    this.message = message;
    this.valid = valid;
    this.flexible = flexible;
  }

  /// The schema in `json`; nothing if no version of the message is valid any more.
  static Optional<MessageSchema> read(String json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new InvalidSchemaException("no JSON: " + e.getMessage());
    }
    String name = text(root, "name", "");
    Versions valid = Versions.parse(text(root, "validVersions", "none"));
    if (valid.isEmpty()) {
      return Optional.empty();
    }
    Versions flexible = Versions.parse(text(root, "flexibleVersions", "none"));
    return Optional.of(new SchemaReader(name, valid, flexible.intersect(valid)).message(root));
  }

  private MessageSchema message(JsonNode root) {
    requireKeys(root, MESSAGE_KEYS, message);
    for (JsonNode struct : root.path("commonStructs")) {
      commonStructs.put(text(struct, "name", ""), struct);
    }
    StructSchema body = struct(message, text(root, "about", ""), root.path("fields"), valid);
    if (body.fields().stream().anyMatch(field -> field.name().equals("apiKey"))) {
      throw new InvalidSchemaException(message + ".ApiKey: messages have a method of this name");
    }
    Redactions.requireAllFound(message, fieldNames);
    List<String> listeners = new ArrayList<>();
    root.path("listeners").forEach(listener -> listeners.add(listener.asText()));
    return new MessageSchema(
        MessageSchema.Type.parse(text(root, "type", "")),
        root.has("apiKey") ? OptionalInt.of(root.get("apiKey").asInt()) : OptionalInt.empty(),
        listeners,
        root.path("latestVersionUnstable").asBoolean(false),
        body,
        List.copyOf(structs.values()));
  }

  private StructSchema struct(String name, String about, JsonNode fields, Versions possible) {
    List<Field> result = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Set<Integer> tags = new HashSet<>();
    for (JsonNode json : fields) {
      Field field = field(json, possible);
      if (!names.add(field.name())) {
        throw new InvalidSchemaException(message + ": " + name + " has two " + field.name());
      }
      if (field.tag().isPresent() && !tags.add(field.tag().getAsInt())) {
        throw new InvalidSchemaException(
            message + ": " + name + " has two fields with tag " + field.tag().getAsInt());
      }
      // A field that only versions had which are gone is no field any more.
      if (!field.versions().isEmpty()) {
        result.add(field);
      }
    }
    return new StructSchema(name, about, possible, flexible.intersect(possible), result);
  }

  private Field field(JsonNode json, Versions possible) {
    String name = text(json, "name", "");
    String where = message + "." + name;
    requireKeys(json, FIELD_KEYS, where);
    fieldNames.add(name);
    // A tagged field may leave out the first: it is tagged in all its versions then.
    String taggedText = text(json, "taggedVersions", "none");
    Versions versions = Versions.parse(text(json, "versions", taggedText)).intersect(possible);
    Versions tagged = Versions.parse(taggedText).intersect(versions).intersect(flexible);
    OptionalInt tag =
        json.has("tag") ? OptionalInt.of(json.get("tag").asInt()) : OptionalInt.empty();
    if (tag.isPresent() != json.has("taggedVersions")) {
      throw new InvalidSchemaException(where + ": tag and taggedVersions belong together");
    }
    Field field =
        new Field(
            Character.toLowerCase(name.charAt(0)) + name.substring(1),
            FieldType.parse(text(json, "type", "")),
            text(json, "about", ""),
            versions,
            Versions.parse(text(json, "nullableVersions", "none")).intersect(versions),
            tag,
            tagged,
            json.has("flexibleVersions")
                ? Versions.parse(text(json, "flexibleVersions", "")).intersect(versions)
                : flexible.intersect(versions),
            text(json, "default", ""),
            json.path("ignorable").asBoolean(false),
            Redactions.isRedacted(message, name));
    if (field.isNullable() && !field.type().canBeNull()) {
      throw new InvalidSchemaException(where + ": this type cannot be null");
    }
    if (field.isNullByDefault() && !field.nullableVersions().equals(versions)) {
      throw new InvalidSchemaException(where + ": null by default and not nullable everywhere");
    }
    if (!json.has("versions") && !json.has("taggedVersions")) {
      throw new InvalidSchemaException(where + ": no versions");
    }
    if (!versions.isEmpty()) {
      addStruct(where, field, json.path("fields"));
    }
    return field;
  }

  /// Adds the struct that the field has for a type, or for the type of its elements.
  private void addStruct(String where, Field field, JsonNode fields) {
    FieldType type =
        field.type() instanceof FieldType.Array(FieldType element) ? element : field.type();
    if (!(type instanceof FieldType.Struct(String name))) {
      return;
    }
    if (TAKEN_STRUCT_NAMES.contains(name) || name.equals(message)) {
      throw new InvalidSchemaException(where + ": a struct cannot be named " + name);
    }
    JsonNode common = commonStructs.get(name);
    if (common == null && fields.isEmpty()) {
      throw new InvalidSchemaException(where + ": the struct " + name + " is not defined");
    }
    if (common != null && structs.containsKey(name)) {
      return;
    }
    StructSchema struct =
        common == null
            ? struct(name, field.about(), fields, field.versions())
            : struct(
                name,
                text(common, "about", ""),
                common.path("fields"),
                Versions.parse(text(common, "versions", "")).intersect(valid));
    if (structs.put(name, struct) != null) {
      throw new InvalidSchemaException(where + ": there are two structs " + name);
    }
  }

  private static void requireKeys(JsonNode json, Set<String> known, String where) {
    json.fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                throw new InvalidSchemaException(where + ": unknown key '" + key + "'");
              }
            });
  }

  /// The text of a value, whether it is quoted or not. A bare `null` means that there is none, as
  /// in Kafka's generator; a default of null is the quoted word.
  private static String text(JsonNode json, String key, String ifAbsent) {
    return json.hasNonNull(key) ? json.get(key).asText() : ifAbsent;
  }
}
