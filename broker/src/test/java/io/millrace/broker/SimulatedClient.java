package io.millrace.broker;

import io.millrace.host.Net;
import io.millrace.protocol.ApiMessage;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.simulator.SimulatedHost;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// A client that does what real ones do when something fails: it connects anew, asks again after
/// the errors that say so, and after a request that got lost on the way.
///
/// Some of those that got lost arrive later, on another connection: see [LateRequests].
final class SimulatedClient implements Closeable {
  static final byte GROUP = 0;
  static final byte TRANSACTION = 1;

  private static final Set<ErrorCode> RETRIABLE =
      EnumSet.of(
          ErrorCode.NOT_COORDINATOR,
          ErrorCode.COORDINATOR_NOT_AVAILABLE,
          ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
          ErrorCode.CONCURRENT_TRANSACTIONS,
          ErrorCode.REQUEST_TIMED_OUT,
          ErrorCode.NOT_LEADER_OR_FOLLOWER,
          ErrorCode.UNSTABLE_OFFSET_COMMIT,
          ErrorCode.NOT_ENOUGH_REPLICAS,
          ErrorCode.NETWORK_EXCEPTION,
          ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

  private final SimulatedHost host;
  private final Net.Endpoint broker;
  private final @Nullable LateRequests late;
  private @Nullable WireClient wire;

  SimulatedClient(SimulatedHost host) {
    this(host, null);
  }

  /// A client of whose requests some are late, where it says so.
  SimulatedClient(SimulatedHost host, @Nullable LateRequests late) {
    this.host = host;
    this.broker = SimulatedBroker.ADDRESS;
    this.late = late;
  }

  /// A request, how often it may be sent and to whom belongs its error.
  record Call<T extends ApiMessage>(
      Class<T> type, ApiKey api, int version, ApiMessage request, ToIntFunction<T> error) {}

  /// Sends once; an `IOException` leaves open whether the request took effect.
  <T extends ApiMessage> T once(Class<T> type, ApiKey api, int version, ApiMessage request)
      throws IOException {
    try {
      return wire().call(type, api, version, request);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  WireClient wire() throws IOException {
    WireClient current = wire;
    if (current == null) {
      current = new WireClient(host, broker);
      wire = current;
    }
    return current;
  }

  /// Sends until there is an answer whose error is not one to ask again after.
  <T extends ApiMessage> T ask(Call<T> call) throws InterruptedException {
    while (true) {
      try {
        T answer = once(call.type(), call.api(), call.version(), call.request());
        if (!isRetriable(call.error().applyAsInt(answer))) {
          return answer;
        }
      } catch (IOException e) {
        // The broker is away; or it took the request, and its answer is lost.
      }
      backOff();
    }
  }

  /// As [#ask], for a request that may get lost on the way and arrive late.
  <T extends ApiMessage> T askPerhapsLate(Call<T> call) throws InterruptedException {
    LateRequests limbo = late;
    if (limbo != null && limbo.takes(host)) {
      limbo.add(call.type(), call.api(), call.version(), call.request());
      close();
      // The client's request timeout, in a hurry.
      host.clock().sleep(Duration.ofMillis(200 + host.entropy().nextInt(300)));
    }
    return ask(call);
  }

  static boolean isRetriable(int errorCode) {
    return RETRIABLE.contains(ErrorCode.forCode((short) errorCode));
  }

  void backOff() throws InterruptedException {
    host.clock().sleep(Duration.ofMillis(20 + host.entropy().nextInt(80)));
  }

  void findCoordinator(byte type, String key) throws InterruptedException {
    FindCoordinatorResponse answer =
        ask(
            new Call<>(
                FindCoordinatorResponse.class,
                ApiKey.FIND_COORDINATOR,
                4,
                FindCoordinatorRequest.builder()
                    .keyType(type)
                    .coordinatorKeys(List.of(key))
                    .build(),
                response -> response.coordinators().getFirst().errorCode()));
    BrokerClient.check(answer.coordinators().getFirst().errorCode());
  }

  @Override
  public void close() {
    WireClient current = wire;
    wire = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        throw new AssertionError("a simulated connection closes", e);
      }
    }
  }
}
