package io.millrace.broker.api;

import io.millrace.host.Net;

/// What is known of a request besides its body.
///
/// `listener` is the name of the listener it came in on: answers name brokers by their address
/// there. `clientId` is empty if the client sent none.
public record RequestContext(
    short version, String clientId, String listener, Net.Endpoint remote) {}
