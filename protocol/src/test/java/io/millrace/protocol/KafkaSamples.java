package io.millrace.protocol;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.NullableSchema;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/// Random messages, encoded by Kafka's own description of what they look like on the wire.
final class KafkaSamples {
  private static final String[] WORDS = {"", "a", "topic-1", "größe", "日本語", "𝄞", "\u0000x", "�"};

  private final SplittableRandom random;

  KafkaSamples(SplittableRandom random) {
    this.random = random;
  }

  ByteBuffer encoded(Schema schema) {
    Struct struct = struct(schema);
    ByteBuffer bytes = ByteBuffer.allocate(struct.sizeOf());
    struct.writeTo(bytes);
    return bytes.flip();
  }

  private Struct struct(Schema schema) {
    Struct struct = new Struct(schema);
    for (BoundField field : schema.fields()) {
      struct.set(field, value(field.def.type));
    }
    return struct;
  }

  private @Nullable Object value(Type type) {
    if (type.isNullable() && !(type instanceof TaggedFields) && random.nextInt(4) == 0) {
      return null;
    }
    if (type instanceof NullableSchema schema) {
      return struct(schema);
    }
    if (type instanceof Schema schema) {
      return struct(schema);
    }
    if (type instanceof ArrayOf || type instanceof CompactArrayOf) {
      return array(type.arrayElementType().orElseThrow());
    }
    if (type instanceof TaggedFields tagged) {
      return taggedFields(tagged);
    }
    return scalar(type);
  }

  private Object scalar(Type type) {
    // Zero is what most fields are by default, which matters for tagged ones.
    long number = random.nextInt(4) == 0 ? 0 : random.nextLong() >> random.nextInt(64);
    return switch (type.toString()) {
      case "BOOLEAN" -> random.nextBoolean();
      case "INT8" -> (byte) number;
      case "INT16" -> (short) number;
      case "UINT16" -> (int) number & 0xffff;
      case "INT32" -> (int) number;
      case "UINT32" -> number & 0xffff_ffffL;
      case "INT64" -> number;
      // Not from random bits: Kafka's classes do not find NaN equal to itself.
      case "FLOAT64" -> number / 3.0;
      case "UUID" -> new org.apache.kafka.common.Uuid(number, number == 0 ? 0 : random.nextLong());
      case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" -> text();
      case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" -> bytes();
      case "RECORDS", "COMPACT_RECORDS", "NULLABLE_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
          MemoryRecords.readableRecords(bytes());
      default -> throw new IllegalStateException("no sample for " + type);
    };
  }

  private Object[] array(Type element) {
    Object[] array = new @Nullable Object[random.nextInt(4)];
    for (int i = 0; i < array.length; i++) {
      array[i] = value(element);
    }
    return array;
  }

  private NavigableMap<Integer, Object> taggedFields(TaggedFields type) {
    NavigableMap<Integer, Object> fields = new TreeMap<>();
    type.fields()
        .forEach(
            (tag, field) -> {
              if (random.nextBoolean()) {
                fields.put(tag, value(field.type));
              }
            });
    for (int i = random.nextInt(3); i > 0; i--) {
      int tag = 100 + random.nextInt(1_000_000);
      byte[] data = new byte[random.nextInt(20)];
      random.nextBytes(data);
      fields.put(tag, new org.apache.kafka.common.protocol.types.RawTaggedField(tag, data));
    }
    return fields;
  }

  private String text() {
    String word = WORDS[random.nextInt(WORDS.length)];
    return random.nextInt(20) == 0 ? word.repeat(random.nextInt(100)) : word;
  }

  private ByteBuffer bytes() {
    byte[] bytes = new byte[random.nextInt(20) == 0 ? 5000 : random.nextInt(30)];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
