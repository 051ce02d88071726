package io.millrace.coordinator.group;

import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What tools are told about groups.
final class GroupListing {
  /// From this version on clients know that a group may not be there (KIP-1043).
  private static final short GROUP_NOT_FOUND_VERSION = 6;

  private GroupListing() {}

  static List<ListGroupsResponse.ListedGroup> list(Groups groups, ListGroupsRequest request) {
    List<ListGroupsResponse.ListedGroup> listed = new ArrayList<>();
    for (Group group : groups.all()) {
      if (matches(request.statesFilter(), group.state())
          && matches(request.typesFilter(), group.type())) {
        listed.add(
            ListGroupsResponse.ListedGroup.builder()
                .groupId(group.id())
                .protocolType(group.protocolType())
                .groupState(group.state())
                .groupType(group.type())
                .build());
      }
    }
    return listed;
  }

  private static boolean matches(List<String> filter, String value) {
    return filter.isEmpty() || filter.stream().anyMatch(value::equalsIgnoreCase);
  }

  static DescribeGroupsResponse.DescribedGroup describe(
      Groups groups, String groupId, short version) {
    Group found = groups.find(groupId);
    if (!(found instanceof ClassicGroup group)) {
      return missing(groupId, found, version);
    }
    boolean isStable = group.is(ClassicState.STABLE);
    String protocol = group.protocolName();
    List<DescribeGroupsResponse.DescribedGroupMember> members = new ArrayList<>();
    for (ClassicMember member : group.members()) {
      members.add(
          DescribeGroupsResponse.DescribedGroupMember.builder()
              .memberId(member.id())
              .groupInstanceId(member.instanceId())
              .clientId(member.identity().clientId())
              .clientHost(member.identity().clientHost())
              .memberMetadata(
                  ByteBuffer.wrap(isStable ? member.metadata(protocol) : ClassicMember.NO_BYTES))
              .memberAssignment(
                  ByteBuffer.wrap(isStable ? member.assignment() : ClassicMember.NO_BYTES))
              .build());
    }
    return DescribeGroupsResponse.DescribedGroup.builder()
        .groupId(groupId)
        .groupState(group.state())
        .protocolType(group.protocolType())
        .protocolData(isStable && protocol != null ? protocol : "")
        .members(members)
        .build();
  }

  private static DescribeGroupsResponse.DescribedGroup missing(
      String groupId, @Nullable Group found, short version) {
    DescribeGroupsResponse.DescribedGroup.Builder dead =
        DescribeGroupsResponse.DescribedGroup.builder().groupId(groupId).groupState("Dead");
    if (version >= GROUP_NOT_FOUND_VERSION) {
      dead.errorCode(ErrorCode.GROUP_ID_NOT_FOUND.code())
          .errorMessage(
              found == null
                  ? "Group " + groupId + " not found."
                  : "Group " + groupId + " is not a classic group.");
    }
    return dead.build();
  }
}
