package io.millrace.coordinator.group;

import io.millrace.protocol.message.ErrorCode;

/// Why a request is not done.
///
/// @param message names what is wrong, for the people who read the client's log
record Refusal(ErrorCode error, String message) {}
