package io.millrace.broker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.millrace.protocol.message.ErrorCode;
import java.util.concurrent.locks.ReentrantLock;

/// Hands out producer ids from blocks that the controller reserves for this broker, so that no id
/// is ever given twice, whatever crashes. What is left of a block is lost with the process.
public final class ProducerIds {
  private final BlockSource source;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private long next;

  @GuardedBy("lock")
  private long end;

  public ProducerIds(BlockSource source) {
    this.source = source;
  }

  /// The next id; waits for the controller when the block is used up.
  public Next next() throws InterruptedException {
    lock.lock();
    try {
      if (next >= end) {
        switch (source.reserve()) {
          case Reserved.Failed(ErrorCode error) -> {
            return new Next.Failed(error);
          }
          case Reserved.Block(long first, int count) -> {
            next = first;
            end = first + count;
          }
        }
      }
      return new Next.Id(next++);
    } finally {
      lock.unlock();
    }
  }

  /// Where blocks of ids come from.
  @FunctionalInterface
  public interface BlockSource {
    Reserved reserve() throws InterruptedException;
  }

  /// Outcome of reserving a block.
  public sealed interface Reserved {
    /// `count` ids from `first` on, at least one.
    record Block(long first, int count) implements Reserved {}

    record Failed(ErrorCode error) implements Reserved {}
  }

  /// Outcome of [#next].
  public sealed interface Next {
    record Id(long producerId) implements Next {}

    record Failed(ErrorCode error) implements Next {}
  }
}
