package io.millrace.generator;

/// What stands for "this version is a flexible one" in the source that reads or writes a field.
final class FlexibleFlag {
  private FlexibleFlag() {}

  /// `true` or `false` where that is certain, or the variable `flexible` of the method.
  static String of(StructSchema struct, Field field) {
    Condition condition = field.flexibleVersions().within(field.untaggedVersions());
    if (condition.isAlways() || condition.isNever()) {
      return condition.java();
    }
    boolean asStruct =
        field.flexibleVersions().equals(struct.flexibleVersions().intersect(field.versions()));
    return asStruct ? "flexible" : "(" + condition.java() + ")";
  }
}
