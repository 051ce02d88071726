package io.millrace.generator;

import java.util.ArrayList;
import java.util.List;

/// A record with its builder, codec and text: the message itself or a struct in it.
final class StructSource {
  private static final String UNKNOWN = "unknownTaggedFields";

  private final MessageSchema message;
  private final StructSchema struct;
  private final JavaWriter out;
  private final boolean isMessage;

  StructSource(MessageSchema message, StructSchema struct, JavaWriter out) {
    this.message = message;
    this.struct = struct;
    this.out = out;
    this.isMessage = message.name().equals(struct.name());
  }

  void write() {
    doc();
    head();
    if (isMessage) {
      messageConstants();
    } else if (usedAsField()) {
      out.line("private static final " + struct.name() + " DEFAULT = builder().build();");
      out.blank();
    }
    factories();
    readMethod();
    writeMethod();
    toStringMethod();
    builder();
    if (isMessage) {
      for (StructSchema nested : message.structs()) {
        out.blank();
        new StructSource(message, nested, out).write();
      }
    }
    out.close();
  }

  private void doc() {
    if (isMessage) {
      out.doc(messageDoc(), "");
    } else {
      String about = struct.about().isEmpty() ? "A part of the message." : struct.about();
      out.doc(JavaText.doc(about), "");
    }
    out.line("///");
    for (Field field : struct.fields()) {
      String versions =
          field.versions().equals(struct.versions()) ? "" : " Versions " + field.versions() + ".";
      out.doc("@param " + field.name() + " " + JavaText.doc(field.about()) + versions, "    ");
    }
    if (struct.isFlexible()) {
      out.doc(
          "@param " + UNKNOWN + " those that the schema does not know, by ascending tag", "    ");
    }
  }

  private String messageDoc() {
    Versions flexible = struct.flexibleVersions();
    String kind =
        switch (message.type()) {
          case REQUEST -> "The request of API " + message.apiKey().orElse(-1);
          case RESPONSE -> "The response of API " + message.apiKey().orElse(-1);
          case METADATA, COORDINATOR_KEY, COORDINATOR_VALUE ->
              "The record of type " + message.apiKey().orElse(-1);
          case HEADER, DATA -> "The message";
        };
    return kind
        + " that Kafka calls "
        + message.name()
        + ", versions "
        + struct.versions()
        + (flexible.isEmpty() ? ", none of them flexible." : ", flexible " + flexible + ".");
  }

  private void head() {
    List<String> components = new ArrayList<>();
    struct.fields().forEach(field -> components.add(field.javaType() + " " + field.name()));
    if (struct.isFlexible()) {
      components.add("List<RawTaggedField> " + UNKNOWN);
    }
    String implemented =
        message.type().hasInterface() ? message.type().interfaceName : "ApiMessage";
    String rest = isMessage ? " implements " + implemented : "";
    if (components.isEmpty()) {
      out.open("public record " + struct.name() + "()" + rest);
      return;
    }
    out.line("public record " + struct.name() + "(").indent().indent();
    for (int i = 0; i < components.size(); i++) {
      boolean last = i == components.size() - 1;
      out.line(components.get(i) + (last ? ")" + rest + " {" : ","));
    }
    out.outdent();
  }

  private void messageConstants() {
    out.line("public static final short LOWEST_VERSION = " + struct.versions().lowest() + ";");
    out.line("public static final short HIGHEST_VERSION = " + struct.versions().highest() + ";");
    out.blank();
    out.line("@Override");
    out.open("public short apiKey()");
    out.line("return " + message.apiKey().orElse(-1) + ";");
    out.close();
    out.blank();
  }

  private void factories() {
    out.line("/// A builder with the schema's defaults.");
    out.open("public static Builder builder()");
    out.line("return new Builder();");
    out.close();
    out.blank();
    out.line("/// A builder with the values of this one.");
    out.open("public Builder toBuilder()");
    out.line("Builder builder = new Builder();");
    for (String name : componentNames()) {
      out.line("builder." + name + " = this." + name + ";");
    }
    out.line("return builder;");
    out.close();
    out.blank();
  }

  private void readMethod() {
    if (isMessage) {
      out.line("/// Reads what [#write] writes. See [ApiMessage] for what can go wrong.");
    }
    out.open(
        (isMessage ? "public" : "private")
            + " static "
            + struct.name()
            + " read(MessageReader reader, short version)");
    if (isMessage) {
      out.line("requireKnown(version);");
    }
    ReadSource read = new ReadSource(message, struct, out);
    read.body();
    out.close();
    out.blank();
    if (!isMessage && usedAsElement()) {
      read.listMethod();
      out.blank();
    }
  }

  private void writeMethod() {
    if (isMessage) {
      out.line("@Override");
    }
    out.open(
        (isMessage ? "public" : "private") + " void write(MessageWriter writer, short version)");
    if (isMessage) {
      out.line("requireKnown(version);");
    }
    new WriteSource(message, struct, out).body();
    out.close();
    out.blank();
    if (isMessage) {
      out.open("private static void requireKnown(short version)");
      out.open("if (version < LOWEST_VERSION || version > HIGHEST_VERSION)");
      out.line("throw UnsupportedVersionException.noVersion(").indent().indent();
      out.line(JavaText.literal(message.name()) + ", version, LOWEST_VERSION, HIGHEST_VERSION);");
      out.outdent().outdent().close();
      out.close();
      out.blank();
    }
  }

  private void toStringMethod() {
    out.line("@Override");
    out.open("public String toString()");
    out.line("return " + JavaText.literal(struct.name() + "(")).indent().indent();
    String separator = "";
    for (Field field : struct.fields()) {
      out.line("+ " + JavaText.literal(separator + field.name() + "=") + " + " + text(field));
      separator = ", ";
    }
    if (struct.isFlexible()) {
      String text = JavaText.literal(separator + UNKNOWN + "=") + " + this." + UNKNOWN;
      out.line("+ (this." + UNKNOWN + ".isEmpty() ? \"\" : " + text + ")");
    }
    out.line("+ \")\";");
    out.outdent().outdent().close();
    out.blank();
  }

  private static String text(Field field) {
    if (field.redacted()) {
      return "\"[redacted]\"";
    }
    boolean bySize =
        field.type() == FieldType.Scalar.BYTES || field.type() == FieldType.Scalar.RECORDS;
    return bySize ? "FieldText.of(this." + field.name() + ")" : "this." + field.name();
  }

  private void builder() {
    out.line(
        "/// Collects the fields of a [" + struct.name() + "]. Lists that are given are copied.");
    out.open("public static final class Builder");
    for (Field field : struct.fields()) {
      out.line(
          "private "
              + field.javaType()
              + " "
              + field.name()
              + " = "
              + FieldDefault.value(field)
              + ";");
    }
    if (struct.isFlexible()) {
      out.line("private List<RawTaggedField> " + UNKNOWN + " = List.of();");
    }
    out.blank();
    out.line("private Builder() {}");
    for (Field field : struct.fields()) {
      boolean isList = field.type() instanceof FieldType.Array;
      String copy = isList ? "List.copyOf(" + field.name() + ")" : field.name();
      setter(
          field.javaType(),
          field.name(),
          isList && field.isNullable() ? field.name() + " == null ? null : " + copy : copy);
    }
    if (struct.isFlexible()) {
      setter("List<RawTaggedField>", UNKNOWN, "List.copyOf(" + UNKNOWN + ")");
    }
    out.blank();
    out.open("public " + struct.name() + " build()");
    if (componentNames().isEmpty()) {
      out.line("return new " + struct.name() + "();");
    } else {
      out.line("return new " + struct.name() + "(").indent().indent();
      List<String> names = componentNames();
      for (int i = 0; i < names.size(); i++) {
        out.line("this." + names.get(i) + (i == names.size() - 1 ? ");" : ","));
      }
      out.outdent().outdent();
    }
    out.close();
    out.close();
  }

  private void setter(String type, String name, String value) {
    out.blank();
    out.open("public Builder " + name + "(" + type + " " + name + ")");
    out.line("this." + name + " = " + value + ";");
    out.line("return this;");
    out.close();
  }

  private List<String> componentNames() {
    List<String> names = new ArrayList<>();
    struct.fields().forEach(field -> names.add(field.name()));
    if (struct.isFlexible()) {
      names.add(UNKNOWN);
    }
    return names;
  }

  private boolean usedAsField() {
    return isUsedAs(new FieldType.Struct(struct.name()));
  }

  private boolean usedAsElement() {
    return isUsedAs(new FieldType.Array(new FieldType.Struct(struct.name())));
  }

  private boolean isUsedAs(FieldType type) {
    List<Field> fields = new ArrayList<>(message.body().fields());
    message.structs().forEach(other -> fields.addAll(other.fields()));
    return fields.stream().anyMatch(field -> field.type().equals(type));
  }
}
