package io.millrace.coordinator.group;

import io.millrace.coordinator.Answer;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.SyncGroupResponse;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A member of a classic group.
///
/// What it subscribes to and what it is assigned are bytes that only clients understand.
final class ClassicMember {
  static final byte[] NO_BYTES = {};

  /// A way to assign partitions that a member knows, with what it tells the leader about itself.
  // There is one of these for every member of every group: no wrappers.
  @SuppressWarnings("ArrayRecordComponent")
  record Protocol(String name, byte[] metadata) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Protocol that
          && name.equals(that.name)
          && Arrays.equals(metadata, that.metadata);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + Arrays.hashCode(metadata);
    }

    @Override
    public String toString() {
      return name + "(" + metadata.length + " bytes)";
    }
  }

  /// Who a member is and where it runs; stays the same as long as it is a member.
  record Identity(String id, @Nullable String instanceId, String clientId, String clientHost) {
    Identity withId(String newId) {
      return new Identity(newId, instanceId, clientId, clientHost);
    }
  }

  private final Identity identity;
  private int rebalanceTimeoutMs;
  private int sessionTimeoutMs;
  private Map<String, Protocol> protocols;
  private byte[] assignment = NO_BYTES;

  /// The JoinGroup that waits for the rebalance to get on.
  @Nullable Answer<JoinGroupResponse> awaitingJoin;

  /// The SyncGroup that waits for the leader's assignment.
  @Nullable Answer<SyncGroupResponse> awaitingSync;

  /// Whether the member has not been told yet that it is one: it cannot send heartbeats.
  boolean isNew;

  ClassicMember(
      Identity identity, int rebalanceTimeoutMs, int sessionTimeoutMs, List<Protocol> protocols) {
    this.identity = identity;
    this.rebalanceTimeoutMs = rebalanceTimeoutMs;
    this.sessionTimeoutMs = sessionTimeoutMs;
    this.protocols = byName(protocols);
  }

  private static Map<String, Protocol> byName(List<Protocol> protocols) {
    Map<String, Protocol> byName = new LinkedHashMap<>();
    protocols.forEach(protocol -> byName.putIfAbsent(protocol.name(), protocol));
    return byName;
  }

  Identity identity() {
    return identity;
  }

  String id() {
    return identity.id();
  }

  /// What the user calls a static member (KIP-345); null for a dynamic one.
  @Nullable String instanceId() {
    return identity.instanceId();
  }

  boolean isStatic() {
    return identity.instanceId() != null;
  }

  int rebalanceTimeoutMs() {
    return rebalanceTimeoutMs;
  }

  int sessionTimeoutMs() {
    return sessionTimeoutMs;
  }

  /// By descending preference. A member that was loaded from the log has the group's protocol only.
  List<Protocol> protocols() {
    return List.copyOf(protocols.values());
  }

  boolean supports(String protocol) {
    return protocols.containsKey(protocol);
  }

  /// What the member says about itself in the terms of `protocol`; empty if it does not know it.
  byte[] metadata(@Nullable String protocol) {
    Protocol found = protocol == null ? null : protocols.get(protocol);
    return found == null ? NO_BYTES : found.metadata();
  }

  byte[] assignment() {
    return assignment;
  }

  void assign(byte[] newAssignment) {
    assignment = newAssignment;
  }

  void update(int newRebalanceTimeoutMs, int newSessionTimeoutMs, List<Protocol> newProtocols) {
    rebalanceTimeoutMs = newRebalanceTimeoutMs;
    sessionTimeoutMs = newSessionTimeoutMs;
    protocols = byName(newProtocols);
  }

  /// Whether the member says again what it said before.
  boolean matches(List<Protocol> others) {
    return protocols().equals(others);
  }

  /// Members that wait in a rebalance need not send heartbeats, unless they are new: nobody may
  /// wait for the answer any more.
  boolean mayBeSilent() {
    return !isNew && (awaitingJoin != null || awaitingSync != null);
  }

  /// Answers a JoinGroup that waits; says whether there was one.
  boolean completeJoin(JoinGroupResponse response) {
    Answer<JoinGroupResponse> waiting = awaitingJoin;
    if (waiting == null) {
      return false;
    }
    awaitingJoin = null;
    waiting.complete(response);
    return true;
  }

  /// Answers a SyncGroup that waits; says whether there was one.
  boolean completeSync(SyncGroupResponse response) {
    Answer<SyncGroupResponse> waiting = awaitingSync;
    if (waiting == null) {
      return false;
    }
    awaitingSync = null;
    waiting.complete(response);
    return true;
  }

  /// The same member under another id, which waits for nothing.
  ClassicMember withId(String newId) {
    ClassicMember copy =
        new ClassicMember(
            identity.withId(newId), rebalanceTimeoutMs, sessionTimeoutMs, protocols());
    copy.assignment = assignment;
    return copy;
  }

  @Override
  public String toString() {
    return identity + protocols.keySet().toString();
  }
}
