@NullMarked
package io.millrace.replication;

import org.jspecify.annotations.NullMarked;
