package io.millrace.generator;

/// The type of a field.
sealed interface FieldType {
  /// The Java type where null is not possible.
  String javaType();

  /// The Java type as a type argument.
  default String boxedType() {
    return javaType();
  }

  /// Whether a field of this type can be null in some version.
  boolean canBeNull();

  static FieldType parse(String text) {
    if (text.startsWith("[]")) {
      return new Array(parse(text.substring(2)));
    }
    for (Scalar scalar : Scalar.values()) {
      if (scalar.schemaName.equals(text)) {
        return scalar;
      }
    }
    if (text.isEmpty() || !Character.isUpperCase(text.charAt(0))) {
      throw new InvalidSchemaException("unknown type '" + text + "'");
    }
    return new Struct(text);
  }

  /// A type that is not made of others.
  enum Scalar implements FieldType {
    BOOL("bool", "Bool", "boolean", "Boolean", 1),
    INT8("int8", "Int8", "byte", "Byte", 1),
    INT16("int16", "Int16", "short", "Short", 2),
    UINT16("uint16", "Uint16", "int", "Integer", 2),
    INT32("int32", "Int32", "int", "Integer", 4),
    UINT32("uint32", "Uint32", "long", "Long", 4),
    INT64("int64", "Int64", "long", "Long", 8),
    FLOAT64("float64", "Float64", "double", "Double", 8),
    UUID("uuid", "Uuid", "Uuid", "Uuid", 16),
    STRING("string", "String", "String", "String", 1),
    BYTES("bytes", "Bytes", "ByteBuffer", "ByteBuffer", 1),
    RECORDS("records", "Records", "RecordData", "RecordData", 1);

    final String schemaName;

    /// As in the names of the methods of `MessageReader` and `MessageWriter`.
    final String methodName;

    /// The least number of bytes that a value takes in any version.
    final int minimumSize;

    private final String javaType;
    private final String boxedType;

    Scalar(
        String schemaName, String methodName, String javaType, String boxedType, int minimumSize) {
      this.schemaName = schemaName;
      this.methodName = methodName;
      this.javaType = javaType;
      this.boxedType = boxedType;
      this.minimumSize = minimumSize;
    }

    /// Whether a length stands before the value.
    boolean hasLength() {
      return this == STRING || this == BYTES || this == RECORDS;
    }

    @Override
    public String javaType() {
      return javaType;
    }

    @Override
    public String boxedType() {
      return boxedType;
    }

    @Override
    public boolean canBeNull() {
      return hasLength();
    }
  }

  /// A struct of the same message.
  record Struct(String name) implements FieldType {
    @Override
    public String javaType() {
      return name;
    }

    @Override
    public boolean canBeNull() {
      return true;
    }
  }

  record Array(FieldType element) implements FieldType {
    @Override
    public String javaType() {
      return "List<" + element.boxedType() + ">";
    }

    @Override
    public boolean canBeNull() {
      return true;
    }
  }
}
