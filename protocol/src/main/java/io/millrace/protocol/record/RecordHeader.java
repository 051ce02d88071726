package io.millrace.protocol.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A header of a record that is to be written; only the bytes between position and limit count.
public record RecordHeader(String key, @Nullable ByteBuffer value) {}
