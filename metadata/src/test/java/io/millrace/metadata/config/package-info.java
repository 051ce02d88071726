@NullMarked
package io.millrace.metadata.config;

import org.jspecify.annotations.NullMarked;
