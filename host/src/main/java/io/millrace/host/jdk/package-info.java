/// The five doors opened to the JDK: virtual threads and `java.nio` channels. Start at
/// [io.millrace.host.jdk.JdkHost].
@NullMarked
package io.millrace.host.jdk;

import org.jspecify.annotations.NullMarked;
