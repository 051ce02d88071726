package io.millrace.interop;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// A file of real lines, each `KEY<tab>LINE`: the lines of the JDK's sources that hold something,
/// with their first word as the key. A JDK without sources gives its own files, in their order, as
/// lines of hexadecimal digits.
final class SourceLines {
  static final char SEPARATOR = '\t';
  private static final int BYTES_PER_HEX_LINE = 40;

  private SourceLines() {}

  /// Writes at least this many bytes, taking the sources again from their beginning if need be.
  ///
  /// @return the count of lines
  static long write(Path file, long bytes) throws IOException {
    long[] written = {0, 0};
    Path home = Path.of(System.getProperty("java.home"));
    Path sources = home.resolve("lib/src.zip");
    try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      while (written[0] < bytes) {
        if (Files.exists(sources)) {
          writeSources(sources, out, written, bytes);
        } else {
          writeHex(home.resolve("lib/modules"), out, written, bytes);
        }
      }
    }
    return written[1];
  }

  private static void writeSources(Path zip, OutputStream out, long[] written, long bytes)
      throws IOException {
    try (var sources = new ZipFile(zip.toFile())) {
      Enumeration<? extends ZipEntry> entries = sources.entries();
      while (entries.hasMoreElements() && written[0] < bytes) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".java")) {
          String text =
              new String(sources.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1);
          for (String line : text.split("\n", -1)) {
            writeLine(line, out, written);
          }
        }
      }
    }
  }

  private static void writeHex(Path file, OutputStream out, long[] written, long bytes)
      throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] block = in.readNBytes(BYTES_PER_HEX_LINE);
      while (block.length > 0 && written[0] < bytes) {
        String digits = java.util.HexFormat.of().formatHex(block);
        writeLine(digits.substring(0, Math.min(3, digits.length())) + " " + digits, out, written);
        block = in.readNBytes(BYTES_PER_HEX_LINE);
      }
    }
  }

  private static void writeLine(String line, OutputStream out, long[] written) throws IOException {
    String stripped = line.strip();
    // kcat passes over empty lines; a tab in the key would end it early.
    if (stripped.isEmpty()) {
      return;
    }
    String key = stripped.split("\\s", 2)[0];
    byte[] keyed = (key + SEPARATOR + line + "\n").getBytes(StandardCharsets.ISO_8859_1);
    out.write(keyed);
    written[0] += keyed.length;
    written[1]++;
  }
}
