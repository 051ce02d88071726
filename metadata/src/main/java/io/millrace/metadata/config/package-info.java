/// Settings: what they are called, what they may be, what they mean. Names, types, defaults and
/// limits are Kafka's, in one table per kind of resource (`*ConfigText`); a test compares the
/// tables with Kafka's own.
@NullMarked
package io.millrace.metadata.config;

import org.jspecify.annotations.NullMarked;
