package io.millrace.protocol;

/// A message, or a value in one of its fields, that the asked version of the protocol cannot carry.
public final class UnsupportedVersionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnsupportedVersionException(String message) {
    super(message);
  }

  /// For a field, as `Message.field`, that has a value although `version` has no such field.
  public static UnsupportedVersionException noField(String field, short version) {
    return new UnsupportedVersionException(
        field + " is set, and version " + version + " of the message has no such field");
  }

  /// For a field, as `Message.field`, that is null although `version` wants a value.
  public static UnsupportedVersionException notNullable(String field, short version) {
    return new UnsupportedVersionException(
        field + " is null, and version " + version + " of the message does not allow that");
  }

  /// For a version of `message` outside the known range.
  public static UnsupportedVersionException noVersion(
      String message, short version, short lowest, short highest) {
    return new UnsupportedVersionException(
        "version %d of %s is not known: versions %d to %d are"
            .formatted(version, message, lowest, highest));
  }
}
