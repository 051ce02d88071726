package io.millrace.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole command on a small schema. If the output changes as it should, copy it over the golden
/// files: `SampleRecord.java.txt` and `MetadataRecord.java.txt`.
class GeneratorTest {
  private static final Path RESOURCES = Path.of("src/test/resources");

  @TempDir Path out;

  @Test
  void theSourcesAreTheGoldenOnes() throws Exception {
    run();
    Path folder = out.resolve("org/example");
    for (String name : new String[] {"SampleRecord", "MetadataRecord"}) {
      assertThat(folder.resolve(name + ".java"))
          .hasSameTextualContentAs(RESOURCES.resolve("golden/" + name + ".java.txt"));
    }
    assertThat(folder.resolve("package-info.java")).content().contains("@NullMarked");
  }

  @Test
  void whatIsUnchangedIsNotWrittenAndWhatIsStaleIsDeleted() throws Exception {
    run();
    Path source = out.resolve("org/example/SampleRecord.java");
    Path stale = out.resolve("org/example/Stale.java");
    FileTime longAgo = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(source, longAgo);
    Files.writeString(stale, "class Stale {}");
    run();
    assertThat(Files.getLastModifiedTime(source)).isEqualTo(longAgo);
    assertThat(stale).doesNotExist();
  }

  @Test
  void argumentsThatMakeNoSense() {
    assertThatThrownBy(() -> Options.parse(new String[] {"--out", "x"}))
        .hasMessageContaining("--package and --out are needed");
    assertThatThrownBy(() -> Options.parse(new String[] {"--package"}))
        .hasMessageContaining("--package needs a value");
    assertThatThrownBy(() -> Options.parse(new String[] {"--colour"}))
        .hasMessageContaining("unknown argument --colour");
  }

  private void run() throws Exception {
    Generator.main(
        new String[] {
          "--schemas", RESOURCES.resolve("schemas").toString(),
          "--package", "org.example",
          "--out", out.toString()
        });
  }
}
