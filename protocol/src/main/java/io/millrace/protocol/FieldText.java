package io.millrace.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How a message prints fields whose content is long or nobody's business: by their size.
public final class FieldText {
  private FieldText() {}

  public static String of(@Nullable ByteBuffer bytes) {
    return bytes == null ? "null" : bytes.remaining() + " bytes";
  }

  public static String of(@Nullable RecordData records) {
    return records == null ? "null" : records.sizeInBytes() + " bytes";
  }
}
