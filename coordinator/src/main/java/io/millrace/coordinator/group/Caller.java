package io.millrace.coordinator.group;

/// Who sends a request to join a group.
///
/// @param version of the request
/// @param clientId as the client names itself; may be empty
/// @param clientHost the address it sends from, as `/127.0.0.1`
/// @param freshId never given before: what a new member's id is made unique with
public record Caller(short version, String clientId, String clientHost, String freshId) {}
