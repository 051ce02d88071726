package io.millrace.coordinator.group;

/// What may be the id of a group.
final class GroupIds {
  private GroupIds() {}

  /// For members: a group needs a name.
  static boolean isValid(String groupId) {
    return !groupId.isEmpty() && isValidForOffsets(groupId);
  }

  /// Offsets may be kept for the group without a name, as old clients do. Nobody needs control
  /// characters, which tools would show.
  static boolean isValidForOffsets(String groupId) {
    return groupId.chars().noneMatch(Character::isISOControl);
  }
}
