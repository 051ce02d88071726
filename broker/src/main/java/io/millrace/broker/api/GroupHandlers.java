package io.millrace.broker.api;

import io.millrace.broker.TransactionVerification;
import io.millrace.coordinator.Coordinator;
import io.millrace.coordinator.group.GroupMachine;
import io.millrace.host.Entropy;
import java.util.List;

/// The handlers of everything that is about groups and their offsets.
public final class GroupHandlers {
  private GroupHandlers() {}

  public static List<ApiHandler<?>> handlers(
      Coordinator<GroupMachine> groups, Entropy entropy, TransactionVerification transactions) {
    return List.of(
        new JoinGroupHandler(groups, entropy),
        new SyncGroupHandler(groups),
        new HeartbeatHandler(groups),
        new LeaveGroupHandler(groups),
        new DescribeGroupsHandler(groups),
        new ListGroupsHandler(groups),
        new DeleteGroupsHandler(groups),
        new ConsumerGroupHeartbeatHandler(groups, entropy),
        new ConsumerGroupDescribeHandler(groups),
        new OffsetCommitHandler(groups),
        new OffsetFetchHandler(groups),
        new OffsetDeleteHandler(groups),
        new TxnOffsetCommitHandler(groups, transactions));
  }
}
