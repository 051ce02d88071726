package io.millrace.metadata;

/// Is told of every new image.
@FunctionalInterface
public interface ImageListener {
  /// The image became `delta.after()`. Called once per group of commits, in order, by one task at a
  /// time; the commands behind the change are answered after every listener returned, so that a
  /// client that was told of a topic finds it. A listener must not wait for a command.
  void onImage(ImageDelta delta);
}
