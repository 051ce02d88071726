package io.millrace.generator;

/// The lists of plain values that `MessageReader` and `MessageWriter` have methods for.
final class ScalarLists {
  private ScalarLists() {}

  /// The name without `read` or `write`.
  static String methodName(FieldType.Scalar element) {
    return switch (element) {
      case INT8, INT16, INT32, INT64, UUID, STRING -> element.methodName + "List";
      case BOOL, UINT16, UINT32, FLOAT64, BYTES, RECORDS ->
          throw new InvalidSchemaException(
              "arrays of "
                  + element.schemaName
                  + " are not supported: add them to MessageReader,"
                  + " MessageWriter and this list");
    };
  }
}
