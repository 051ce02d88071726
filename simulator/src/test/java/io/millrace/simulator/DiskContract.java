package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.host.Disk;
import io.millrace.host.Disk.OpenMode;
import io.millrace.host.Tasks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Files, directories, mappings and locks.
abstract class DiskContract extends HostContract {
  @Test
  void readsStopAtTheEndOfTheFile() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            assertThat(read(file, 10, 0)).isEqualTo("end");
            ByteBuffer source = utf8("hello world");
            file.write(source, 0);
            assertThat(source.hasRemaining()).isFalse();
            assertThat(read(file, 5, 0)).isEqualTo("hello");
            assertThat(read(file, 100, 6)).isEqualTo("world");
            assertThat(read(file, 100, 11)).isEqualTo("end");
            assertThat(read(file, 100, 12)).isEqualTo("end");
            assertThat(read(file, 0, 0)).isEmpty();
            assertThat(file.size()).isEqualTo(11);
          }
        });
  }

  @Test
  void writesBeyondTheEndLeaveZeros() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            file.write(utf8("x"), 10_000);
            assertThat(file.size()).isEqualTo(10_001);
            assertThat(read(file, 3, 9_998)).isEqualTo("\0\0x");
            file.write(utf8("yy"), 9_999);
            assertThat(read(file, 9, 9_998)).isEqualTo("\0yy");
          }
        });
  }

  @Test
  void truncateCutsAndNeverExtends() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            file.write(utf8("0123456789"), 0);
            file.truncate(20);
            assertThat(file.size()).isEqualTo(10);
            file.truncate(4);
            assertThat(read(file, 100, 0)).isEqualTo("0123");
            file.write(utf8("8"), 8);
            assertThat(read(file, 100, 0)).isEqualTo("0123\0\0\0\0" + "8");
            file.force();
          }
        });
  }

  @Test
  void openModes() throws Exception {
    run(
        () -> {
          assertThatThrownBy(() -> disk().open(path("none"), OpenMode.EXISTING))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().openReadOnly(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().open(path("none").resolve("x"), OpenMode.CREATE_NEW))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().open(dir(), OpenMode.EXISTING))
              .isInstanceOf(IOException.class);
          write("file", "text");
          assertThatThrownBy(() -> disk().open(path("file"), OpenMode.CREATE_NEW))
              .isInstanceOf(FileAlreadyExistsException.class);
          Disk.File file = disk().openReadOnly(path("file"));
          assertThatThrownBy(() -> file.write(utf8("x"), 0))
              .isInstanceOf(NonWritableChannelException.class);
          file.force();
          file.close();
          file.close();
          assertThatThrownBy(file::size).isInstanceOf(ClosedChannelException.class);
          assertThat(read("file")).isEqualTo("text");
        });
  }

  @Test
  void namesInDirectories() throws Exception {
    run(
        () -> {
          disk().createDirectories(path("a").resolve("b"));
          disk().createDirectories(path("a").resolve("b"));
          write("z", "");
          write("B", "");
          write("10", "12345");
          assertThat(disk().list(dir())).containsExactly("10", "B", "a", "z");
          assertThat(disk().isDirectory(path("a"))).isTrue();
          assertThat(disk().isDirectory(path("z"))).isFalse();
          assertThat(disk().exists(path("a").resolve("b"))).isTrue();
          assertThat(disk().exists(path("none"))).isFalse();
          assertThat(disk().size(path("10"))).isEqualTo(5);
          assertThatThrownBy(() -> disk().size(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().list(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          assertThatThrownBy(() -> disk().list(path("z")))
              .isInstanceOf(NotDirectoryException.class);
          assertThatThrownBy(() -> disk().createDirectories(path("z")))
              .isInstanceOf(FileAlreadyExistsException.class);
          assertThatThrownBy(() -> disk().forceDirectory(path("none")))
              .isInstanceOf(NoSuchFileException.class);
          disk().forceDirectory(dir());
        });
  }

  @Test
  void deleteTakesFilesAndEmptyDirectories() throws Exception {
    run(
        () -> {
          disk().createDirectories(path("a").resolve("b"));
          write("file", "text");
          assertThatThrownBy(() -> disk().delete(path("a")))
              .isInstanceOf(DirectoryNotEmptyException.class);
          disk().delete(path("a").resolve("b"));
          disk().delete(path("a"));
          disk().delete(path("file"));
          disk().delete(path("none"));
          assertThat(disk().list(dir())).isEmpty();
        });
  }

  @Test
  void renameReplacesFilesAndMovesDirectories() throws Exception {
    run(
        () -> {
          write("old", "old");
          write("new", "new");
          Disk.File open = disk().openReadOnly(path("old"));
          disk().rename(path("new"), path("old"));
          assertThat(read("old")).isEqualTo("new");
          assertThat(read(open, 10, 0)).as("the replaced file lives on").isEqualTo("old");
          open.close();
          disk().createDirectories(path("a"));
          disk().rename(path("old"), path("a").resolve("inside"));
          disk().rename(path("a"), path("b"));
          assertThat(disk().list(path("b"))).containsExactly("inside");
          assertThat(disk().list(dir())).containsExactly("b");
          assertThatThrownBy(() -> disk().rename(path("none"), path("c")))
              .isInstanceOf(NoSuchFileException.class);
          write("file", "");
          assertThatThrownBy(() -> disk().rename(path("file"), path("b")))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void filesStayOpenUnderNewNamesAndWithoutOne() throws Exception {
    run(
        () -> {
          write("file", "text");
          try (Disk.File file = disk().open(path("file"), OpenMode.EXISTING)) {
            disk().rename(path("file"), path("moved"));
            file.write(utf8("T"), 0);
            assertThat(read("moved")).isEqualTo("Text");
            disk().delete(path("moved"));
            file.write(utf8("!"), 4);
            assertThat(read(file, 100, 0)).isEqualTo("Text!");
          }
        });
  }

  @Test
  void mappingsAndFilesSeeTheSameBytes() throws Exception {
    run(
        () -> {
          write("file", "0123456789");
          try (Disk.File file = disk().open(path("file"), OpenMode.EXISTING);
              Disk.Mapping mapping = disk().map(path("file"), 16)) {
            ByteBuffer bytes = mapping.bytes();
            assertThat(bytes.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
            assertThat(bytes.capacity()).isEqualTo(16);
            assertThat(file.size()).isEqualTo(16);
            assertThat(bytes.get(9)).isEqualTo((byte) '9');
            assertThat(bytes.get(10)).isZero();
            bytes.put(0, (byte) 'x');
            file.write(utf8("y"), 1);
            assertThat(bytes.get(1)).isEqualTo((byte) 'y');
            assertThat(read(file, 3, 0)).isEqualTo("xy2");
            mapping.force();
          }
          Disk.Mapping fresh = disk().map(path("fresh"), 8);
          fresh.bytes().putLong(0, 42);
          fresh.close();
          fresh.close();
          try (Disk.Mapping again = disk().map(path("fresh"), 4)) {
            assertThat(again.bytes().capacity()).isEqualTo(4);
            assertThat(again.bytes().getInt(0)).isZero();
          }
          assertThat(disk().size(path("fresh"))).isEqualTo(8);
        });
  }

  @Test
  void locksExcludeEachOther() throws Exception {
    run(
        () -> {
          Disk.Lock lock = disk().tryLock(path(".lock")).orElseThrow();
          assertThat(disk().tryLock(path(".lock"))).isEmpty();
          assertThat(disk().tryLock(path("other"))).isPresent();
          assertThat(disk().exists(path(".lock"))).isTrue();
          lock.close();
          lock.close();
          Disk.Lock again = disk().tryLock(path(".lock")).orElseThrow();
          lock.close();
          assertThat(disk().tryLock(path(".lock"))).isEmpty();
          again.close();
          assertThatThrownBy(() -> disk().tryLock(path("none").resolve("x")))
              .isInstanceOf(NoSuchFileException.class);
        });
  }

  @Test
  void spaceIsKnown() throws Exception {
    run(
        () -> {
          Disk.Space space = disk().space(dir());
          assertThat(space.usableBytes()).isPositive().isLessThanOrEqualTo(space.totalBytes());
        });
  }

  @Test
  void cancellingDoesNotDisturbFiles() throws Exception {
    run(
        () -> {
          try (Disk.File file = disk().open(path("file"), OpenMode.CREATE_NEW)) {
            Tasks.Task task =
                host()
                    .tasks()
                    .start(
                        "writer",
                        () -> {
                          while (!Thread.currentThread().isInterrupted()) {
                            file.write(utf8("text"), 0);
                            file.force();
                          }
                          file.write(utf8("done"), 0);
                          file.force();
                        });
            while (file.size() == 0) {
              host().clock().sleep(Duration.ofMillis(1));
            }
            task.cancel();
            task.join();
            assertThat(read(file, 10, 0)).isEqualTo("done");
          }
        });
  }
}
