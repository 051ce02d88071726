package io.millrace.protocol;

/// A message made from one of the protocol's schemas.
///
/// Messages are immutable. The lists given to a builder are copied; the lists and buffers of a
/// message that was read belong to it, and its buffers are slices of the bytes that it was read
/// from, so these must stay as they are while the message is in use. Every class has a
/// `read(MessageReader, short version)` that throws [MalformedMessageException] for bytes that are
/// no such message and [UnsupportedVersionException] for a version that it does not know.
public interface ApiMessage {
  /// The key of the API, or of the kind of record, that this message belongs to; -1 if none.
  short apiKey();

  /// Writes this message as `version` has it. Throws [UnsupportedVersionException] if that is
  /// unknown or has no place for a value that this message has and that may not be left out.
  void write(MessageWriter writer, short version);
}
