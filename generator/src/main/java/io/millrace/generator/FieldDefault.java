package io.millrace.generator;

/// What a field is when nobody sets it, in Java.
final class FieldDefault {
  private FieldDefault() {}

  /// The default as an expression.
  static String value(Field field) {
    if (field.isNullByDefault()) {
      return "null";
    }
    return switch (field.type()) {
      case FieldType.Array array -> "List.of()";
      case FieldType.Struct(String name) -> name + ".DEFAULT";
      case FieldType.Scalar scalar -> scalarValue(scalar, field);
    };
  }

  /// The condition for "this field of the message is not its default".
  static String isOther(Field field) {
    String value = "this." + field.name();
    if (field.isNullByDefault()) {
      return value + " != null";
    }
    String orNull = field.isNullable() ? value + " == null || " : "";
    String condition =
        switch (field.type()) {
          case FieldType.Array array -> "!" + value + ".isEmpty()";
          // Identity first: it is nearly always the same object, and the first call of a record's
          // own equals costs milliseconds.
          case FieldType.Struct(String name) ->
              "%1$s != %2$s.DEFAULT && !%1$s.equals(%2$s.DEFAULT)".formatted(value, name);
          case FieldType.Scalar scalar -> scalarIsOther(scalar, field, value);
        };
    return orNull.isEmpty() ? condition : "(" + orNull + condition + ")";
  }

  private static String scalarIsOther(FieldType.Scalar scalar, Field field, String value) {
    String defaultValue = scalarValue(scalar, field);
    return switch (scalar) {
      case BOOL -> defaultValue.equals("true") ? "!" + value : value;
      case INT8, INT16, UINT16, INT32, UINT32, INT64, FLOAT64 -> value + " != " + defaultValue;
      case UUID -> "!" + value + ".isZero()";
      case STRING ->
          field.defaultText().isEmpty()
              ? "!" + value + ".isEmpty()"
              : "!" + value + ".equals(" + defaultValue + ")";
      case BYTES -> value + ".hasRemaining()";
      case RECORDS -> value + ".sizeInBytes() > 0";
    };
  }

  private static String scalarValue(FieldType.Scalar scalar, Field field) {
    String text = field.defaultText();
    try {
      return switch (scalar) {
        case BOOL -> bool(field, text);
        case INT8 -> integer(text, Byte.MIN_VALUE, Byte.MAX_VALUE) + "";
        case INT16 -> integer(text, Short.MIN_VALUE, Short.MAX_VALUE) + "";
        case UINT16 -> integer(text, 0, 0xffff) + "";
        case INT32 -> integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE) + "";
        case UINT32 -> integer(text, 0, 0xffff_ffffL) + "L";
        case INT64 -> integer(text, Long.MIN_VALUE, Long.MAX_VALUE) + "L";
        case FLOAT64 -> text.isEmpty() ? "0.0" : Double.toString(Double.parseDouble(text));
        case UUID -> only("", text, "Uuid.ZERO");
        case STRING -> JavaText.literal(text);
        case BYTES -> only("", text, "ByteBuffer.allocate(0)");
        case RECORDS -> only("", text, "RecordData.EMPTY");
      };
    } catch (NumberFormatException e) {
      throw new InvalidSchemaException(
          field.name() + ": '" + text + "' is no default for " + scalar.schemaName);
    }
  }

  private static String bool(Field field, String text) {
    return switch (text) {
      case "", "false" -> "false";
      case "true" -> "true";
      default ->
          throw new InvalidSchemaException(
              field.name() + ": '" + text + "' is no default for bool");
    };
  }

  private static long integer(String text, long lowest, long highest) {
    long value = text.isEmpty() ? 0 : Long.decode(text);
    if (value < lowest || value > highest) {
      throw new NumberFormatException(text);
    }
    return value;
  }

  private static String only(String allowed, String text, String value) {
    if (!text.equals(allowed)) {
      throw new NumberFormatException(text);
    }
    return value;
  }
}
