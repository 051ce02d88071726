package io.millrace.generator;

final class PackageInfoSource {
  private PackageInfoSource() {}

  static String of(String packageName) {
    return """
        /// Generated from Kafka's message schemas at build time: see the generator module.
        @NullMarked
        package %s;

        import org.jspecify.annotations.NullMarked;
        """
        .formatted(packageName);
  }
}
