package io.millrace.interop;

import io.millrace.bench.BrokerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The round trip of [KcatTest] with a big file and both readers for every codec; prints what came
/// back and how long it took. Usage: `interop/real-file [MEGABYTES]`.
final class RealFile {
  private RealFile() {}

  public static void main(String[] args) throws Exception {
    KcatRoundTrip.checkInstalled();
    long megabytes = args.length > 0 ? Long.parseLong(args[0]) : 200;
    Path file = Files.createTempFile("millrace-lines", ".txt");
    boolean equal = true;
    try (BrokerProcess broker = TestBroker.create("RealFile", Map.of())) {
      SourceLines.write(file, megabytes * 1_000_000);
      LineDigest lines = new LineDigest().add(Files.newInputStream(file));
      System.out.printf(
          "%s: %,d bytes, %,d lines, %,d keys%n",
          broker.kind().title(), Files.size(file), lines.count(), lines.keyCount());
      broker.start();
      var roundTrip = new KcatRoundTrip(new KafkaClients(broker.bootstrap()));
      for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
        equal &= roundTrip(roundTrip, codec, file, lines);
      }
      broker.stop();
    } finally {
      Files.delete(file);
    }
    System.exit(equal ? 0 : 1);
  }

  private static boolean roundTrip(
      KcatRoundTrip roundTrip, String codec, Path file, LineDigest lines) throws Exception {
    String topic = "lines-" + codec;
    long startNs = System.nanoTime();
    roundTrip.produce(topic, file, codec);
    long producedNs = System.nanoTime();
    LineDigest byKcat = roundTrip.readWithKcat(topic);
    long readNs = System.nanoTime();
    LineDigest byConsole = roundTrip.readWithConsoleConsumer(topic);
    long consoleNs = System.nanoTime();
    String difference = lines.differenceTo(byKcat) + lines.differenceTo(byConsole);
    System.out.printf(
        "%-6s  kcat wrote in %.1f s, kcat read %,d in %.1f s, console consumer read %,d in %.1f s: %s%n",
        codec,
        (producedNs - startNs) / 1e9,
        byKcat.count(),
        (readNs - producedNs) / 1e9,
        byConsole.count(),
        (consoleNs - readNs) / 1e9,
        difference.isEmpty() ? "equal, order per key kept" : "DIFFERENT:\n" + difference);
    return difference.isEmpty();
  }
}
