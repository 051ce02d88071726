package io.millrace.simulator;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The content of a file: what was written, and what of that is durable. Both share the pages that
/// are the same, so a page that is not dirty is copied before it is written to.
final class PagedBytes {
  static final int PAGE_SIZE = 4096;
  private static final byte[] ZEROS = new byte[PAGE_SIZE];

  private final DiskBudget budget;
  private final List<byte @Nullable []> pages = new ArrayList<>();
  private final List<byte @Nullable []> durablePages = new ArrayList<>();

  /// The pages that may differ from their durable version.
  private final BitSet dirty = new BitSet();

  private long size;
  private long durableSize;

  /// Pages that exist; the others are holes.
  private int allocated;

  PagedBytes(DiskBudget budget) {
    this.budget = budget;
  }

  long size() {
    return size;
  }

  long allocatedBytes() {
    return (long) allocated * PAGE_SIZE;
  }

  int read(ByteBuffer target, long position) {
    if (!target.hasRemaining()) {
      return 0;
    }
    if (position >= size) {
      return -1;
    }
    int count = (int) Math.min(target.remaining(), size - position);
    int left = count;
    long at = position;
    while (left > 0) {
      int offset = (int) (at % PAGE_SIZE);
      int length = Math.min(left, PAGE_SIZE - offset);
      byte[] page = page((int) (at / PAGE_SIZE));
      target.put(page == null ? ZEROS : page, offset, length);
      at += length;
      left -= length;
    }
    return count;
  }

  /// Writes all of `source`, or as much as there is room for.
  void write(ByteBuffer source, long position) throws IOException {
    long at = position;
    while (source.hasRemaining()) {
      int index = (int) (at / PAGE_SIZE);
      if (page(index) == null) {
        budget.requireRoomFor(PAGE_SIZE);
      }
      at += writeToPage(source, at);
    }
  }

  /// Writes all of `source`, whether there is room or not.
  void writeMapped(ByteBuffer source, long position) {
    long at = position;
    while (source.hasRemaining()) {
      at += writeToPage(source, at);
    }
  }

  private int writeToPage(ByteBuffer source, long at) {
    int offset = (int) (at % PAGE_SIZE);
    int length = Math.min(source.remaining(), PAGE_SIZE - offset);
    source.get(writablePage((int) (at / PAGE_SIZE)), offset, length);
    size = Math.max(size, at + length);
    return length;
  }

  /// Makes the file at least `newSize` bytes long, with a hole at the end.
  void extend(long newSize) {
    size = Math.max(size, newSize);
  }

  void truncate(long newSize) {
    if (newSize >= size) {
      return;
    }
    int keptPages = (int) Math.ceilDiv(newSize, PAGE_SIZE);
    for (int index = pages.size() - 1; index >= keptPages; index--) {
      if (pages.removeLast() != null) {
        allocated--;
        budget.release(PAGE_SIZE);
      }
      dirty.set(index);
    }
    int tail = (int) (newSize % PAGE_SIZE);
    if (tail != 0 && page(keptPages - 1) != null) {
      Arrays.fill(writablePage(keptPages - 1), tail, PAGE_SIZE, (byte) 0);
    }
    size = newSize;
  }

  /// Makes what was written durable.
  void force() {
    for (int index = dirty.nextSetBit(0); index >= 0; index = dirty.nextSetBit(index + 1)) {
      while (durablePages.size() <= index) {
        durablePages.add(null);
      }
      durablePages.set(index, page(index));
    }
    while (durablePages.size() > pages.size()) {
      durablePages.removeLast();
    }
    durableSize = size;
    dirty.clear();
  }

  /// Loses what is not durable. The budget is counted anew by the caller.
  void revert() {
    pages.clear();
    pages.addAll(durablePages);
    size = durableSize;
    dirty.clear();
    allocated = 0;
    for (byte[] page : pages) {
      if (page != null) {
        allocated++;
      }
    }
  }

  private byte @Nullable [] page(int index) {
    return index < pages.size() ? pages.get(index) : null;
  }

  private byte[] writablePage(int index) {
    byte[] page = page(index);
    if (page != null && dirty.get(index)) {
      return page;
    }
    byte[] fresh;
    if (page == null) {
      fresh = new byte[PAGE_SIZE];
      budget.take(PAGE_SIZE);
      allocated++;
    } else {
      fresh = page.clone();
    }
    while (pages.size() <= index) {
      pages.add(null);
    }
    pages.set(index, fresh);
    dirty.set(index);
    return fresh;
  }
}
