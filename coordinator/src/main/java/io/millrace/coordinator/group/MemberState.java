package io.millrace.coordinator.group;

/// Where a member of a consumer group stands on its way to its target assignment (KIP-848).
enum MemberState {
  /// It has its target as of its epoch.
  STABLE(0),
  /// It still has to give up partitions.
  UNREVOKED_PARTITIONS(1),
  /// Other members still have partitions that it is to get.
  UNRELEASED_PARTITIONS(2),
  /// A state that a later version wrote.
  UNKNOWN(127);

  private final byte code;

  MemberState(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static MemberState forCode(byte code) {
    for (MemberState state : values()) {
      if (state.code == code) {
        return state;
      }
    }
    return UNKNOWN;
  }
}
