package io.millrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RequestMemoryTest {
  private static final int KIB = 1024;

  @Test
  void buffersAreUsedAgain() throws Exception {
    RequestMemory memory = new RequestMemory(1024 * KIB);
    ByteBuffer first = memory.acquire(60 * KIB);
    assertThat(first.capacity()).isEqualTo(64 * KIB);
    memory.release(first);
    assertThat(memory.acquire(33 * KIB)).isSameAs(first);
  }

  @Test
  void whoFindsNoMemoryWaitsForIt() throws Exception {
    RequestMemory memory = new RequestMemory(64 * KIB);
    ByteBuffer held = memory.acquire(64 * KIB);
    AtomicReference<ByteBuffer> got = new AtomicReference<>();
    CountDownLatch started = new CountDownLatch(1);
    Thread waiter =
        Thread.startVirtualThread(
            () -> {
              started.countDown();
              try {
                got.set(memory.acquire(16 * KIB));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    started.await();
    assertThat(got.get()).isNull();
    memory.release(held);
    waiter.join();
    assertThat(got.get()).isNotNull();
    assertThat(memory.heldBytes()).isEqualTo(16 * KIB);
  }

  @Test
  void aRequestLargerThanAllMemoryIsLetThroughAlone() throws Exception {
    RequestMemory memory = new RequestMemory(64 * KIB);
    ByteBuffer large = memory.acquire(1024 * KIB);
    assertThat(memory.heldBytes()).isEqualTo(1024 * KIB);
    memory.release(large);
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void oneRequestMayGrowWhenMemoryIsUsedUp() throws Exception {
    RequestMemory memory = new RequestMemory(64 * KIB);
    ByteBuffer growing = memory.acquire(32 * KIB);
    ByteBuffer other = memory.acquire(32 * KIB);
    while (growing.hasRemaining()) {
      growing.put((byte) 7);
    }
    ByteBuffer larger = memory.grow(growing, 64 * KIB);
    assertThat(larger.position()).isEqualTo(32 * KIB);
    assertThat(larger.get(0)).isEqualTo((byte) 7);
    assertThat(larger.capacity()).isEqualTo(64 * KIB);
    assertThat(memory.heldBytes()).isEqualTo(96 * KIB);
    memory.release(other);
    memory.release(larger);
    assertThat(memory.heldBytes()).isZero();
  }
}
