package io.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Valid encodings with something broken: either they are still a message, which can then be
/// written and read again, or they are malformed. Anything else that is thrown fails the test.
class MessageMutationTest {
  private static final int SAMPLES = 8;
  private static final int MUTATIONS = 40;
  private static final int[] NASTY = {
    Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -2, 0, 1, 0x7fff_0000, 0xffff_ffff, 0x8080_8080
  };

  static List<KafkaMessages.Pair> messages() throws Exception {
    return KafkaMessages.all();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void brokenMessagesAreMalformed(KafkaMessages.Pair pair) throws Exception {
    for (short version = pair.lowestVersion(); version <= pair.highestVersion(); version++) {
      for (int seed = 0; seed < SAMPLES; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer wire = new KafkaSamples(random).encoded(pair.kafkaSchema(version));
        for (int i = 0; i < MUTATIONS && wire.hasRemaining(); i++) {
          tryRead(pair, version, seed, mutated(wire, random));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void truncatedMessagesAreMalformed(KafkaMessages.Pair pair) throws Exception {
    for (short version = pair.lowestVersion(); version <= pair.highestVersion(); version++) {
      SplittableRandom random = new SplittableRandom(version);
      ByteBuffer wire = new KafkaSamples(random).encoded(pair.kafkaSchema(version));
      int step = 1 + wire.limit() / 200;
      for (int length = 0; length < wire.limit(); length += step) {
        boolean isRead = tryRead(pair, version, version, wire.slice(0, length));
        assertThat(isRead).as(pair + " version " + version + " cut to " + length).isFalse();
      }
    }
  }

  private static boolean tryRead(
      KafkaMessages.Pair pair, short version, long seed, ByteBuffer bytes) throws Exception {
    String what = pair + " version " + version + " seed " + seed;
    ApiMessage message;
    try {
      message = pair.read(new MessageReader(bytes), version);
    } catch (MalformedMessageException e) {
      return false;
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    ByteBuffer written = pair.write(message, version);
    assertThat(pair.read(new MessageReader(written), version)).as(what).isEqualTo(message);
    return true;
  }

  private static ByteBuffer mutated(ByteBuffer wire, SplittableRandom random) {
    ByteBuffer copy = ByteBuffer.allocate(wire.limit()).put(wire.duplicate()).flip();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int position = random.nextInt(copy.limit());
      if (random.nextBoolean() || position + 4 > copy.limit()) {
        copy.put(position, (byte) random.nextInt(256));
      } else {
        copy.putInt(position, NASTY[random.nextInt(NASTY.length)]);
      }
    }
    return random.nextInt(4) == 0 ? copy.limit(random.nextInt(copy.limit() + 1)) : copy;
  }
}
