package io.millrace.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millrace.host.Disk;
import io.millrace.host.Disk.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SimulatedDiskTest {
  private static final Path DIR = Path.of("data");
  private static final Path A = DIR.resolve("a");
  private static final Path B = DIR.resolve("b");

  private final Simulation simulation = new Simulation(1);
  private final SimulatedHost node = simulation.host("node");
  private final SimulatedDisk disk = node.disk();

  @AfterEach
  void close() {
    simulation.close();
  }

  private void createDirectory() throws IOException {
    disk.createDirectories(DIR);
    disk.forceDirectory(Path.of("/"));
  }

  private void write(Path path, String text) throws IOException {
    try (Disk.File file = disk.open(path, OpenMode.CREATE_IF_MISSING)) {
      file.truncate(0);
      file.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
    }
  }

  private String read(Path path) throws IOException {
    try (Disk.File file = disk.openReadOnly(path)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(bytes, 0);
      return new String(bytes.array(), UTF_8);
    }
  }

  private void force(Path path) throws IOException {
    try (Disk.File file = disk.openReadOnly(path)) {
      file.force();
    }
  }

  @Test
  void aCrashTakesBytesThatWereNotForced() throws Exception {
    createDirectory();
    write(A, "forced");
    force(A);
    disk.forceDirectory(DIR);
    write(A, "not forced");
    node.crash();
    assertThat(read(A)).isEqualTo("forced");
  }

  @Test
  void aCrashTakesNamesThatWereNotForced() throws Exception {
    createDirectory();
    write(A, "bytes");
    force(A);
    node.crash();
    assertThat(disk.list(DIR)).isEmpty();
    assertThat(disk.exists(DIR)).isTrue();
  }

  @Test
  void aRenameThatWasNotForcedIsUndone() throws Exception {
    createDirectory();
    write(A, "old");
    force(A);
    disk.forceDirectory(DIR);
    write(B, "new");
    force(B);
    disk.rename(B, A);
    node.crash();
    assertThat(disk.list(DIR)).containsExactly("a");
    assertThat(read(A)).isEqualTo("old");

    node.restart();
    write(B, "new");
    force(B);
    disk.rename(B, A);
    disk.forceDirectory(DIR);
    node.crash();
    assertThat(disk.list(DIR)).containsExactly("a");
    assertThat(read(A)).isEqualTo("new");
  }

  @Test
  void aMoveBetweenDirectoriesIsDurableAtBothEndsOrAtNone() throws Exception {
    createDirectory();
    Path other = Path.of("other");
    disk.createDirectories(other);
    disk.forceDirectory(Path.of("/"));
    write(A, "moved");
    force(A);
    disk.forceDirectory(DIR);
    disk.rename(A, other.resolve("a"));
    disk.forceDirectory(other);
    node.crash();
    assertThat(disk.list(DIR)).isEmpty();
    assertThat(read(other.resolve("a"))).isEqualTo("moved");
  }

  @Test
  void aKilledProcessLosesNothingButItsLocksAndFiles() throws Exception {
    disk.createDirectories(DIR);
    write(A, "written");
    Disk.File open = disk.open(A, OpenMode.EXISTING);
    Disk.Mapping mapping = disk.map(B, 3);
    mapping.bytes().put(1, (byte) 'x');
    assertThat(disk.tryLock(DIR.resolve("lock"))).isPresent();
    assertThat(disk.tryLock(DIR.resolve("lock"))).isEmpty();
    node.kill();
    node.restart();
    assertThat(read(A)).isEqualTo("written");
    assertThat(read(B)).isEqualTo("\0x\0");
    assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(open::size);
    assertThat(disk.tryLock(DIR.resolve("lock"))).isPresent();
  }

  @Test
  void mappedBytesAreTheFilesAndDurableWhenForced() throws Exception {
    createDirectory();
    Disk.Mapping mapping = disk.map(A, 10_000);
    disk.forceDirectory(DIR);
    mapping.bytes().putInt(0, 7).putInt(9_996, 8);
    mapping.force();
    mapping.bytes().putInt(0, 9);
    try (Disk.File file = disk.open(A, OpenMode.EXISTING)) {
      ByteBuffer bytes = ByteBuffer.allocate(4);
      file.read(bytes, 0);
      assertThat(bytes.getInt(0)).isEqualTo(9);
      file.write(bytes.putInt(0, 10).rewind(), 4);
      assertThat(mapping.bytes().getInt(4)).isEqualTo(10);
    }
    node.crash();
    try (Disk.Mapping again = disk.map(A, 10_000)) {
      assertThat(again.bytes().getInt(0)).isEqualTo(7);
      assertThat(again.bytes().getInt(4)).isZero();
      assertThat(again.bytes().getInt(9_996)).isEqualTo(8);
    }
  }

  @Test
  void theDiskFillsUpAndDeletingMakesRoom() throws Exception {
    disk.createDirectories(DIR);
    disk.setCapacity(100_000);
    try (Disk.File file = disk.open(A, OpenMode.CREATE_NEW)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> file.write(ByteBuffer.allocate(200_000), 0))
          .withMessage("No space left on device");
      assertThat(file.size()).isBetween(90_000L, 100_000L);
      assertThat(disk.space(DIR).usableBytes()).isLessThan(5_000);
      disk.delete(A);
      assertThat(disk.space(DIR).usableBytes()).as("still open").isLessThan(5_000);
    }
    assertThat(disk.space(DIR)).isEqualTo(new Disk.Space(100_000, 100_000));
  }

  @Test
  void forcesTakeTime() {
    simulation.run(
        node,
        "writer",
        () -> {
          disk.createDirectories(DIR);
          write(A, "bytes");
          force(A);
        });
    assertThat(simulation.nanos()).isBetween(100_000L, 20_000_000L);
  }

  /// Random operations on the disk and on a model that knows only whole files and whole copies.
  @Test
  void crashesAgreeWithADumbModel() throws Exception {
    for (long seed = 0; seed < 300; seed++) {
      try (Simulation run = new Simulation(seed)) {
        new Oracle(run.host("node"), new SplittableRandom(seed)).run("seed " + seed);
      }
    }
  }

  private static final class Oracle {
    private final SimulatedHost node;
    private final SplittableRandom random;
    private Map<String, Content> names = new TreeMap<>();
    private Map<String, Content> durableNames = new TreeMap<>();

    private static final class Content {
      byte[] bytes = new byte[0];
      byte[] durable = new byte[0];
    }

    Oracle(SimulatedHost node, SplittableRandom random) {
      this.node = node;
      this.random = random;
    }

    void run(String seed) throws IOException {
      node.disk().createDirectories(DIR);
      node.disk().forceDirectory(Path.of("/"));
      for (int step = 0; step < 200; step++) {
        String name = "abcd".charAt(random.nextInt(4)) + "";
        step(name, random.nextInt(11));
        check(seed + " step " + step);
      }
    }

    private void step(String name, int kind) throws IOException {
      Disk disk = node.disk();
      Path path = DIR.resolve(name);
      Content content = names.get(name);
      switch (kind) {
        case 0, 1, 2, 3 -> write(path, names.computeIfAbsent(name, _ -> new Content()));
        case 4 -> {
          names.remove(name);
          disk.delete(path);
        }
        case 5 -> {
          disk.forceDirectory(DIR);
          durableNames = new TreeMap<>(names);
        }
        case 6 -> rename(name, "abcd".charAt(random.nextInt(4)) + "");
        case 7 -> truncate(path, content);
        case 8, 9 -> force(path, content);
        default -> {
          if (random.nextInt(4) == 0) {
            crash();
          }
        }
      }
    }

    private void write(Path path, Content content) throws IOException {
      byte[] bytes = new byte[random.nextInt(9000)];
      random.nextBytes(bytes);
      int position = random.nextInt(9000);
      try (Disk.File file = node.disk().open(path, OpenMode.CREATE_IF_MISSING)) {
        file.write(ByteBuffer.wrap(bytes), position);
      }
      int size = bytes.length == 0 ? 0 : position + bytes.length;
      content.bytes = Arrays.copyOf(content.bytes, Math.max(content.bytes.length, size));
      System.arraycopy(bytes, 0, content.bytes, Math.min(position, size), bytes.length);
    }

    private void truncate(Path path, @Nullable Content content) throws IOException {
      if (content != null) {
        int size = random.nextInt(9000);
        try (Disk.File file = node.disk().open(path, OpenMode.EXISTING)) {
          file.truncate(size);
        }
        content.bytes = Arrays.copyOf(content.bytes, Math.min(size, content.bytes.length));
      }
    }

    private void force(Path path, @Nullable Content content) throws IOException {
      if (content != null) {
        try (Disk.File file = node.disk().openReadOnly(path)) {
          file.force();
        }
        content.durable = content.bytes.clone();
      }
    }

    private void rename(String from, String to) throws IOException {
      if (names.containsKey(from)) {
        node.disk().rename(DIR.resolve(from), DIR.resolve(to));
        Content moved = names.remove(from);
        names.put(to, moved);
      }
    }

    private void crash() {
      node.crash();
      node.restart();
      names = new TreeMap<>(durableNames);
      for (Content content : names.values()) {
        content.bytes = content.durable.clone();
      }
    }

    private void check(String when) throws IOException {
      assertThat(node.disk().list(DIR)).as(when).isEqualTo(names.keySet().stream().toList());
      for (Map.Entry<String, Content> entry : names.entrySet()) {
        byte[] expected = entry.getValue().bytes;
        try (Disk.File file = node.disk().openReadOnly(DIR.resolve(entry.getKey()))) {
          ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
          file.read(bytes, 0);
          assertThat(bytes.array()).as(when + " file " + entry.getKey()).isEqualTo(expected);
        }
      }
    }
  }
}
