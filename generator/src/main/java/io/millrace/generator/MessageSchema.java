package io.millrace.generator;

import java.util.List;
import java.util.OptionalInt;

/// One file of the schemas.
///
/// @param apiKey the key of the API or the type of the record; most messages of other types have
///   none
/// @param listeners where requests are served: `broker`, `controller`
/// @param latestVersionUnstable whether the highest version may still change
/// @param structs the structs of the message, in the order in which the schema names them
record MessageSchema(
    Type type,
    OptionalInt apiKey,
    List<String> listeners,
    boolean latestVersionUnstable,
    StructSchema body,
    List<StructSchema> structs) {

  /// What a message is for. Messages of a type with an interface are the kinds of record of one
  /// log, and that sealed interface reads them by their key.
  enum Type {
    REQUEST("request", ""),
    RESPONSE("response", ""),
    HEADER("header", ""),
    DATA("data", ""),
    METADATA("metadata", "MetadataRecord"),
    COORDINATOR_KEY("coordinator-key", "CoordinatorKey"),
    COORDINATOR_VALUE("coordinator-value", "CoordinatorValue");

    final String schemaName;
    final String interfaceName;

    Type(String schemaName, String interfaceName) {
      this.schemaName = schemaName;
      this.interfaceName = interfaceName;
    }

    boolean hasInterface() {
      return !interfaceName.isEmpty();
    }

    static Type parse(String text) {
      for (Type type : values()) {
        if (type.schemaName.equals(text)) {
          return type;
        }
      }
      throw new InvalidSchemaException("unknown type of message '" + text + "'");
    }
  }

  String name() {
    return body.name();
  }

  StructSchema struct(String name) {
    return structs.stream()
        .filter(struct -> struct.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new InvalidSchemaException(name() + " uses the struct " + name + ": unknown"));
  }

  /// The least number of bytes that a value of this type takes in any version.
  int minimumSize(FieldType type) {
    return switch (type) {
      case FieldType.Scalar scalar -> scalar.minimumSize;
      case FieldType.Array array -> 1;
      case FieldType.Struct(String name) -> {
        StructSchema struct = struct(name);
        int size = 0;
        for (Field field : struct.fields()) {
          if (field.untaggedVersions().equals(struct.versions())) {
            size += field.isNullable() ? 1 : minimumSize(field.type());
          }
        }
        yield Math.max(size, 1);
      }
    };
  }
}
