package io.millrace.protocol;

import java.nio.ByteBuffer;

/// A tagged field that the schema does not know (KIP-482), kept as it came so that it is written
/// again. Between position and limit of `data` is its content.
public record RawTaggedField(int tag, ByteBuffer data) {
  @Override
  public String toString() {
    return "RawTaggedField(tag=" + tag + ", data=" + FieldText.of(data) + ")";
  }
}
