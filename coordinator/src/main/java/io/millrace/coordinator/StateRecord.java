package io.millrace.coordinator;

import io.millrace.protocol.ApiMessage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One change of a machine's state as the log keeps it: what `key` stands for has now this value,
/// or is gone.
///
/// In the log, a key is its type (int16) and its fields; a value is its version (int16) and its
/// fields, as Kafka writes them.
///
/// @param key says by its [ApiMessage#apiKey] what kind of record this is
/// @param value null for a tombstone
/// @param valueVersion the schema version in which the value is written; 0 for a tombstone
public record StateRecord(ApiMessage key, @Nullable ApiMessage value, short valueVersion) {
  public StateRecord {
    Objects.requireNonNull(key);
  }

  public static StateRecord of(ApiMessage key, ApiMessage value, int valueVersion) {
    return new StateRecord(key, value, (short) valueVersion);
  }

  /// Says that what `key` stands for is gone.
  public static StateRecord tombstone(ApiMessage key) {
    return new StateRecord(key, null, (short) 0);
  }
}
