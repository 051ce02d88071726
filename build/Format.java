import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Checks or applies the format of every Java source of the project. Run by the root POM on JDK 25,
/// because google-java-format parses with the compiler it runs on and Maven itself may run on an
/// older JDK.
///
/// Usage: `Format check` (exit code 1 and a list of files if something differs) or `Format apply`.
public final class Format {
  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    List<Path> differing = new ArrayList<>();
    for (Path file : sources(Path.of(""))) {
      String source = Files.readString(file);
      String formatted = format(source, file);
      if (formatted.equals(source)) {
        continue;
      }
      differing.add(file);
      if (apply) {
        Files.writeString(file, formatted);
      }
    }
    differing.forEach(file -> System.err.println((apply ? "formatted " : "not formatted: ") + file));
    if (!apply && !differing.isEmpty()) {
      System.err.println("Run `mvn -N validate -Dformat=apply` to format them.");
      System.exit(1);
    }
  }

  private static String format(String source, Path file) throws Exception {
    try {
      String ordered = ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.GOOGLE);
      return new Formatter().formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
    } catch (Exception e) {
      throw new IOException("cannot format " + file + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(path -> path.toString().endsWith(".java"))
          .filter(path -> path.toString().contains("/src/") && !path.toString().contains("target/"))
          .sorted()
          .toList();
    }
  }
}
