package io.millrace.protocol;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.types.Schema;

/// Every message that Kafka's jar has a generated class for, with ours beside it.
final class KafkaMessages {
  /// One message: how Kafka and we read and write it.
  record Pair(Class<?> kafkaClass, Class<?> ourClass, short lowestVersion, short highestVersion) {
    Message kafkaRead(ByteBuffer bytes, short version) throws ReflectiveOperationException {
      Constructor<?> constructor = kafkaClass.getConstructor(Readable.class, short.class);
      return (Message) constructor.newInstance(new ByteBufferAccessor(bytes.duplicate()), version);
    }

    ByteBuffer kafkaWrite(Message message, short version) {
      return MessageUtil.toByteBufferAccessor(message, version).buffer();
    }

    Schema kafkaSchema(short version) throws ReflectiveOperationException {
      return ((Schema[]) kafkaClass.getField("SCHEMAS").get(null))[version];
    }

    ApiMessage read(MessageReader reader, short version) throws ReflectiveOperationException {
      Method read = ourClass.getMethod("read", MessageReader.class, short.class);
      try {
        return (ApiMessage) read.invoke(null, reader, version);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw e;
      }
    }

    ByteBuffer write(ApiMessage message, short version) {
      MessageWriter writer = new MessageWriter();
      message.write(writer, version);
      return writer.toByteBuffer();
    }

    @Override
    public String toString() {
      return ourClass.getSimpleName();
    }
  }

  private KafkaMessages() {}

  static List<Pair> all() throws IOException, ReflectiveOperationException, URISyntaxException {
    List<Pair> pairs = new ArrayList<>();
    try (JarFile jar = new JarFile(location(ApiKeys.class).toFile())) {
      List<String> names =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.matches("org/apache/kafka/common/message/\\w+\\.class"))
              .sorted()
              .toList();
      for (String name : names) {
        String className = name.replace('/', '.').replaceAll("\\.class$", "");
        Class<?> kafkaClass = Class.forName(className);
        if (Message.class.isAssignableFrom(kafkaClass)) {
          short lowest = kafkaClass.getField("LOWEST_SUPPORTED_VERSION").getShort(null);
          short highest = kafkaClass.getField("HIGHEST_SUPPORTED_VERSION").getShort(null);
          if (lowest <= highest) {
            pairs.add(new Pair(kafkaClass, ours(kafkaClass.getSimpleName()), lowest, highest));
          }
        }
      }
    }
    return pairs;
  }

  /// How many messages our package has.
  static int generatedCount() throws IOException, ClassNotFoundException, URISyntaxException {
    String packageName = "io.millrace.protocol.message";
    Path folder = location(ApiMessage.class).resolve(packageName.replace('.', '/'));
    int count = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replaceAll("\\.class$", "");
        if (!name.contains("$") && !name.equals("package-info")) {
          Class<?> type = Class.forName(packageName + "." + name);
          count += ApiMessage.class.isAssignableFrom(type) ? 1 : 0;
        }
      }
    }
    return count;
  }

  private static Path location(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static Class<?> ours(String kafkaName) throws ClassNotFoundException {
    // Kafka adds this to the name of the schema, except for messages of type "data".
    String name =
        kafkaName.endsWith("Data") && !kafkaName.equals("DefaultPrincipalData")
            ? kafkaName.substring(0, kafkaName.length() - "Data".length())
            : kafkaName;
    return Class.forName("io.millrace.protocol.message." + name);
  }
}
