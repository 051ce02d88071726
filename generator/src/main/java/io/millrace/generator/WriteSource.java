package io.millrace.generator;

import java.util.List;

/// The `write` method of a struct.
final class WriteSource {
  private final MessageSchema message;
  private final StructSchema struct;
  private final JavaWriter out;

  WriteSource(MessageSchema message, StructSchema struct, JavaWriter out) {
    this.message = message;
    this.struct = struct;
    this.out = out;
  }

  void body() {
    Condition flexible = struct.flexibleVersions().within(struct.versions());
    if (!flexible.isAlways() && !flexible.isNever()) {
      out.line("boolean flexible = " + flexible.java() + ";");
    }
    for (Field field : struct.fields()) {
      untagged(field);
    }
    if (flexible.isNever()) {
      return;
    }
    if (flexible.isAlways()) {
      taggedFields();
      return;
    }
    out.open("if (flexible)");
    taggedFields();
    out.closeAndOpen("else if (!this.unknownTaggedFields.isEmpty())");
    out.line(noField("unknownTaggedFields"));
    out.close();
  }

  private void untagged(Field field) {
    Condition written = field.untaggedVersions().within(struct.versions());
    Condition known = field.versions().within(struct.versions());
    boolean mayBeLost = !known.isAlways() && !field.ignorable();
    if (written.isAlways()) {
      value(field, "writer", field.untaggedVersions(), FlexibleFlag.of(struct, field));
    } else if (written.isNever()) {
      if (mayBeLost) {
        out.open("if (" + known.negated() + " && " + FieldDefault.isOther(field) + ")");
        out.line(noField(field.name()));
        out.close();
      }
    } else {
      out.open("if (" + written.java() + ")");
      value(field, "writer", field.untaggedVersions(), FlexibleFlag.of(struct, field));
      if (mayBeLost) {
        String notTagged =
            field.taggedVersions().isEmpty()
                ? ""
                : field.taggedVersions().within(struct.versions()).negated() + " && ";
        out.closeAndOpen("else if (" + notTagged + FieldDefault.isOther(field) + ")");
        out.line(noField(field.name()));
      }
      out.close();
    }
  }

  /// Writes the value to the writer of this name, knowing that the version is in `versions`.
  private void value(Field field, String writer, Versions versions, String flexible) {
    Condition nullable = field.nullableVersions().within(versions);
    String value = "this." + field.name();
    if (field.isNullable() && !nullable.isAlways()) {
      String where = nullable.isNever() ? "" : nullable.negated() + " && ";
      out.open("if (" + where + value + " == null)");
      out.line(
          "throw UnsupportedVersionException.notNullable("
              + JavaText.literal(qualified(field.name()))
              + ", version);");
      out.close();
    }
    switch (field.type()) {
      case FieldType.Scalar scalar -> {
        String method = field.isNullable() ? ".writeNullable" : ".write";
        String arguments = scalar.hasLength() ? value + ", " + flexible : value;
        out.line(writer + method + scalar.methodName + "(" + arguments + ");");
      }
      case FieldType.Struct struct -> struct(field, writer, nullable);
      case FieldType.Array(FieldType element) -> {
        if (field.isNullable()) {
          out.open("if (" + value + " == null)");
          out.line(writer + ".writeNullArray(" + flexible + ");");
          out.closeAndOpen("else");
        }
        out.line(writer + ".writeArrayLength(" + value + ".size(), " + flexible + ");");
        elements(element, writer, value, flexible);
        if (field.isNullable()) {
          out.close();
        }
      }
    }
  }

  private void struct(Field field, String writer, Condition nullable) {
    String value = "this." + field.name();
    String write = value + ".write(" + writer + ", version);";
    if (!field.isNullable()) {
      out.line(write);
      return;
    }
    boolean tagged = !writer.equals("writer");
    String presence =
        tagged
            ? writer + ".writeUnsignedVarint(" + value + " == null ? 0 : 1);"
            : writer + ".writeStructPresence(" + value + " != null);";
    if (nullable.isAlways()) {
      out.line(presence);
    } else if (!nullable.isNever()) {
      out.open("if (" + nullable.java() + ")").line(presence).close();
    }
    out.open("if (" + value + " != null)").line(write).close();
  }

  private void elements(FieldType element, String writer, String value, String flexible) {
    switch (element) {
      case FieldType.Struct(String name) ->
          out.open("for (" + name + " element : " + value + ")")
              .line("element.write(" + writer + ", version);")
              .close();
      case FieldType.Scalar scalar ->
          out.line(
              writer
                  + ".write"
                  + ScalarLists.methodName(scalar)
                  + "("
                  + (scalar.hasLength() ? value + ", " + flexible : value)
                  + ");");
      case FieldType.Array array ->
          throw new InvalidSchemaException("arrays of arrays are not supported");
    }
  }

  private void taggedFields() {
    List<Field> fields = struct.taggedFields();
    if (fields.isEmpty()) {
      out.line("writer.writeUnknownTaggedFields(this.unknownTaggedFields);");
      return;
    }
    StringBuilder count = new StringBuilder("this.unknownTaggedFields.size()");
    for (Field field : fields) {
      Condition known = field.taggedVersions().within(struct.flexibleVersions());
      String where = known.isAlways() ? "" : known.java() + " && ";
      out.line("boolean " + flag(field) + " = " + where + FieldDefault.isOther(field) + ";");
      count.append(" + (").append(flag(field)).append(" ? 1 : 0)");
    }
    out.line("writer.writeUnsignedVarint(" + count + ");");
    out.line("int index = 0;");
    for (Field field : fields) {
      int tag = field.tag().getAsInt();
      out.open("if (" + flag(field) + ")");
      out.line(
          "index = writer.writeUnknownTaggedFields(this.unknownTaggedFields, index, " + tag + ");");
      out.line("MessageWriter content = writer.beginTaggedField(" + tag + ");");
      value(field, "content", field.taggedVersions(), "true");
      out.line("writer.endTaggedField(content);");
      out.close();
    }
    out.line(
        "writer.writeUnknownTaggedFields(this.unknownTaggedFields, index, Integer.MAX_VALUE);");
  }

  private static String flag(Field field) {
    return "writes" + Character.toUpperCase(field.name().charAt(0)) + field.name().substring(1);
  }

  private String noField(String field) {
    return "throw UnsupportedVersionException.noField("
        + JavaText.literal(qualified(field))
        + ", version);";
  }

  private String qualified(String field) {
    boolean isMessage = struct.name().equals(message.name());
    return (isMessage ? struct.name() : message.name() + "." + struct.name()) + "." + field;
  }
}
