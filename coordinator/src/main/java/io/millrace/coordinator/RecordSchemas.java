package io.millrace.coordinator;

import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.MessageReader;

/// Reads the records of one internal topic: which schemas there are.
public interface RecordSchemas {
  /// Throws [io.millrace.protocol.UnsupportedVersionException] for a type that is not known.
  ApiMessage readKey(short type, MessageReader reader);

  /// Throws [io.millrace.protocol.UnsupportedVersionException] for a version that is not known.
  ApiMessage readValue(short type, short version, MessageReader reader);
}
