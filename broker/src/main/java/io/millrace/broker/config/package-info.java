/// The configuration of a broker: [io.millrace.broker.config.ServerProperties] gathers what was
/// given and where, [io.millrace.broker.config.BrokerConfig] is what the code reads.
@NullMarked
package io.millrace.broker.config;

import org.jspecify.annotations.NullMarked;
