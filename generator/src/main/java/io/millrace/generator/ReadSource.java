package io.millrace.generator;

import java.util.List;

/// The `read` method of a struct, and that of a list of them.
final class ReadSource {
  private final MessageSchema message;
  private final StructSchema struct;
  private final JavaWriter out;

  ReadSource(MessageSchema message, StructSchema struct, JavaWriter out) {
    this.message = message;
    this.struct = struct;
    this.out = out;
  }

  /// The body of `read`, up to the `return`.
  void body() {
    out.line("Builder builder = new Builder();");
    Condition flexible = struct.flexibleVersions().within(struct.versions());
    if (!flexible.isAlways() && !flexible.isNever()) {
      out.line("boolean flexible = " + flexible.java() + ";");
    }
    for (Field field : struct.fields()) {
      untagged(field);
    }
    if (!flexible.isNever()) {
      if (!flexible.isAlways()) {
        out.open("if (flexible)");
      }
      taggedFields();
      if (!flexible.isAlways()) {
        out.close();
      }
    }
    out.line("return builder.build();");
  }

  /// A method that reads `count` structs.
  void listMethod() {
    out.open(
        "private static List<"
            + struct.name()
            + "> readList(MessageReader reader, short version, int count)");
    out.line("List<" + struct.name() + "> list = new ArrayList<>(count);");
    out.open("for (int i = 0; i < count; i++)");
    out.line("list.add(read(reader, version));");
    out.close();
    out.line("return Collections.unmodifiableList(list);");
    out.close();
  }

  private void untagged(Field field) {
    Condition present = field.untaggedVersions().within(struct.versions());
    if (present.isNever()) {
      return;
    }
    if (!present.isAlways()) {
      out.open("if (" + present.java() + ")");
    }
    Condition nullable = field.nullableVersions().within(field.untaggedVersions());
    String flexible = FlexibleFlag.of(struct, field);
    String presence = "reader.readStructPresence()";
    value(field, nullable, flexible, presence);
    if (!present.isAlways()) {
      out.close();
    }
  }

  private void value(Field field, Condition nullable, String flexible, String presence) {
    String target = "builder." + field.name() + " = ";
    switch (field.type()) {
      case FieldType.Scalar scalar -> out.line(target + scalar(scalar, nullable, flexible) + ";");
      case FieldType.Struct(String name) -> {
        String read = name + ".read(reader, version)";
        if (nullable.isNever()) {
          out.line(target + read + ";");
        } else {
          String isPresent = nullable.isAlways() ? "" : nullable.negated() + " || ";
          out.line(target + isPresent + presence + " ? " + read + " : null;");
        }
      }
      case FieldType.Array(FieldType element) -> {
        String arguments = "(" + flexible + ", " + message.minimumSize(element) + ")";
        String plain = "reader.readArrayLength" + arguments;
        if (nullable.isNever()) {
          out.line(target + elements(element, plain, flexible) + ";");
        } else {
          String orNull = "reader.readNullableArrayLength" + arguments;
          String count = field.name() + "Count";
          out.line("int " + count + " = " + either(nullable, orNull, plain) + ";");
          String list = elements(element, count, flexible);
          out.line(target + count + " < 0 ? null : " + list + ";");
        }
      }
    }
  }

  private static String scalar(FieldType.Scalar scalar, Condition nullable, String flexible) {
    if (!scalar.hasLength()) {
      return "reader.read" + scalar.methodName + "()";
    }
    String arguments = scalar.methodName + "(" + flexible + ")";
    return either(nullable, "reader.readNullable" + arguments, "reader.read" + arguments);
  }

  private static String elements(FieldType element, String count, String flexible) {
    return switch (element) {
      case FieldType.Struct(String name) -> name + ".readList(reader, version, " + count + ")";
      case FieldType.Scalar scalar ->
          "reader.read"
              + ScalarLists.methodName(scalar)
              + (scalar.hasLength() ? "(" + count + ", " + flexible + ")" : "(" + count + ")");
      case FieldType.Array array ->
          throw new InvalidSchemaException("arrays of arrays are not supported");
    };
  }

  private static String either(Condition condition, String ifTrue, String ifFalse) {
    if (condition.isAlways()) {
      return ifTrue;
    }
    return condition.isNever() ? ifFalse : condition.java() + " ? " + ifTrue + " : " + ifFalse;
  }

  private void taggedFields() {
    List<Field> fields = struct.taggedFields();
    if (fields.isEmpty()) {
      out.line("builder.unknownTaggedFields = reader.readUnknownTaggedFields();");
      return;
    }
    out.line("int taggedFieldCount = reader.readTaggedFieldCount();");
    out.line("List<RawTaggedField> unknown = List.of();");
    out.line("int tag = -1;");
    out.open("for (int i = 0; i < taggedFieldCount; i++)");
    out.line("tag = reader.readTag(tag);");
    out.open("switch (tag)");
    for (Field field : fields) {
      out.open("case " + field.tag().getAsInt() + " ->");
      Condition known = field.taggedVersions().within(struct.flexibleVersions());
      if (!known.isAlways()) {
        out.open("if (" + known.negated() + ")");
        out.line("unknown = reader.readUnknownTaggedField(unknown, tag);");
        out.line("continue;");
        out.close();
      }
      out.line("int outerLimit = reader.enterTaggedField();");
      Condition nullable = field.nullableVersions().within(field.taggedVersions());
      value(field, nullable, "true", "reader.readUnsignedVarint() > 0");
      out.line("reader.leaveTaggedField(outerLimit);");
      out.close();
    }
    out.line("default -> unknown = reader.readUnknownTaggedField(unknown, tag);");
    out.close();
    out.close();
    out.open("if (!unknown.isEmpty())");
    out.line("builder.unknownTaggedFields = Collections.unmodifiableList(unknown);");
    out.close();
  }
}
