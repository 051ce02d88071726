package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Our codecs against the classes that Kafka generates from the same schemas: every message, every
/// version.
class MessageCompatibilityTest {
  private static final int SAMPLES = 30;

  @Test
  void everyMessageIsCovered() throws Exception {
    assertThat(KafkaMessages.all()).hasSizeGreaterThan(190);
    assertThat(KafkaMessages.generatedCount()).isEqualTo(KafkaMessages.all().size());
  }

  static List<KafkaMessages.Pair> messages() throws Exception {
    return KafkaMessages.all();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void versionsAreKafkas(KafkaMessages.Pair pair) throws Exception {
    assertThat(pair.ourClass().getField("LOWEST_VERSION").getShort(null))
        .isEqualTo(pair.lowestVersion());
    assertThat(pair.ourClass().getField("HIGHEST_VERSION").getShort(null))
        .isEqualTo(pair.highestVersion());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void readsWhatKafkaWritesAndWritesWhatKafkaReads(KafkaMessages.Pair pair) throws Exception {
    for (short version = pair.lowestVersion(); version <= pair.highestVersion(); version++) {
      for (int seed = 0; seed < SAMPLES; seed++) {
        String what = pair + " version " + version + " seed " + seed;
        KafkaSamples samples = new KafkaSamples(new SplittableRandom(seed));
        ByteBuffer wire = samples.encoded(pair.kafkaSchema(version));
        Message kafkas = pair.kafkaRead(wire, version);

        MessageReader reader = new MessageReader(wire);
        ApiMessage ours = pair.read(reader, version);
        assertThat(reader.remaining()).as(what).isZero();
        assertSame(what, ours, kafkas);

        ByteBuffer written = pair.write(ours, version);
        assertThat(written).as(what).isEqualTo(pair.kafkaWrite(kafkas, version));
        assertThat(pair.kafkaRead(written, version)).as(what).isEqualTo(kafkas);
        assertThat(pair.read(new MessageReader(written), version)).as(what).isEqualTo(ours);
        assertThat(ours.toString()).startsWith(pair.ourClass().getSimpleName() + "(");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void buildersHaveKafkasDefaults(KafkaMessages.Pair pair) throws Exception {
    Object builder = pair.ourClass().getMethod("builder").invoke(null);
    Object ours = builder.getClass().getMethod("build").invoke(builder);
    assertSame(pair.toString(), ours, pair.kafkaClass().getConstructor().newInstance());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void readsFromDirectBuffers(KafkaMessages.Pair pair) throws Exception {
    short version = pair.highestVersion();
    KafkaSamples samples = new KafkaSamples(new SplittableRandom(7));
    ByteBuffer wire = samples.encoded(pair.kafkaSchema(version));
    ByteBuffer direct = ByteBuffer.allocateDirect(wire.remaining() + 5).position(5);
    direct.put(wire.duplicate()).flip().position(5);
    ApiMessage ours = pair.read(new MessageReader(direct), version);
    MessageWriter writer = new MessageWriter(ByteBuffer::allocateDirect, 16);
    ours.write(writer, version);
    assertThat(pair.kafkaRead(writer.toByteBuffer(), version))
        .isEqualTo(pair.kafkaRead(wire, version));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void versionsOutsideTheRangeAreRefused(KafkaMessages.Pair pair) throws Exception {
    for (int version : new int[] {-1, pair.lowestVersion() - 1, pair.highestVersion() + 1}) {
      MessageReader reader = new MessageReader(ByteBuffer.allocate(100));
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> pair.read(reader, (short) version))
          .isInstanceOf(UnsupportedVersionException.class)
          .hasMessageContaining(pair.toString());
    }
  }

  /// Compares field by field; Kafka has a method of the same name for each of ours.
  private static void assertSame(String what, @Nullable Object ours, @Nullable Object kafkas)
      throws ReflectiveOperationException {
    if (ours == null || kafkas == null) {
      assertThat(ours).as(what).isNull();
      // Records that may not be null are none instead, where Kafka's class has null.
      assertThat(kafkas).as(what).isNull();
      return;
    }
    switch (ours) {
      case RecordData.Buffer(ByteBuffer bytes) ->
          assertThat(bytes).as(what).isEqualTo(((MemoryRecords) kafkas).buffer());
      case Uuid uuid -> assertThat(uuid.toString()).as(what).isEqualTo(kafkas.toString());
      case ByteBuffer bytes ->
          assertThat(bytes)
              .as(what)
              .isEqualTo(kafkas instanceof byte[] array ? ByteBuffer.wrap(array) : kafkas);
      case RawTaggedField(int tag, ByteBuffer data) -> {
        var raw = (org.apache.kafka.common.protocol.types.RawTaggedField) kafkas;
        assertThat(tag).as(what).isEqualTo(raw.tag());
        assertThat(data).as(what).isEqualTo(ByteBuffer.wrap(raw.data()));
      }
      case List<?> list -> {
        Iterator<?> others = ((Iterable<?>) kafkas).iterator();
        for (int i = 0; i < list.size(); i++) {
          assertThat(others.hasNext()).as(what + "[" + i + "]").isTrue();
          assertSame(what + "[" + i + "]", list.get(i), others.next());
        }
        assertThat(others.hasNext()).as(what).isFalse();
      }
      case Record record -> {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          String name = component.getName();
          Object value = component.getAccessor().invoke(record);
          Object other = kafkas.getClass().getMethod(name).invoke(kafkas);
          if (other == null && RecordData.EMPTY.equals(value)) {
            continue;
          }
          assertSame(what + "." + name, value, other);
        }
      }
      default -> assertThat(ours).as(what).isEqualTo(kafkas);
    }
  }
}
