/// What the cluster agrees on: the image ([io.millrace.metadata.ClusterImage]), the controller that
/// decides how it changes ([io.millrace.metadata.Controller]), the log that keeps the changes
/// ([io.millrace.metadata.MetadataLog]), and the runtime that ties them together
/// ([io.millrace.metadata.ControllerRuntime]).
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
