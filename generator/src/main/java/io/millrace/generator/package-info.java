/// Build time only: turns Kafka's message schemas and error codes into Java sources.
@NullMarked
package io.millrace.generator;

import org.jspecify.annotations.NullMarked;
