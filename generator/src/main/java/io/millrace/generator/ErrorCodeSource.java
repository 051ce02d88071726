package io.millrace.generator;

import io.millrace.generator.KafkaErrors.KafkaError;
import java.util.List;
import java.util.stream.Collectors;

/// The source of the enum `ErrorCode`.
final class ErrorCodeSource {
  private ErrorCodeSource() {}

  static String of(String packageName, List<KafkaError> errors) {
    String constants =
        errors.stream().map(ErrorCodeSource::constant).collect(Collectors.joining(",\n"));
    return """
        // Generated from Kafka's error codes. Do not edit.
        package %s;

        /// The errors that the protocol knows, by Kafka's names and codes.
        public enum ErrorCode {
        %s;

          private static final int LOWEST_CODE = %d;
          private static final ErrorCode[] BY_CODE = byCode();

          private final short code;
          private final boolean retriable;
          private final String message;

          ErrorCode(int code, boolean retriable, String message) {
            this.code = (short) code;
            this.retriable = retriable;
            this.message = message;
          }

          /// The code as messages carry it.
          public short code() {
            return code;
          }

          /// Kafka's text for this error; empty for [#NONE].
          public String message() {
            return message;
          }

          /// Whether clients may try the same request again.
          public boolean isRetriable() {
            return retriable;
          }

          /// The error with this code; [#UNKNOWN_SERVER_ERROR] for a code that is not in the table.
          public static ErrorCode forCode(short code) {
            int index = code - LOWEST_CODE;
            return index >= 0 && index < BY_CODE.length ? BY_CODE[index] : UNKNOWN_SERVER_ERROR;
          }

          private static ErrorCode[] byCode() {
            ErrorCode[] byCode = new ErrorCode[%d];
            java.util.Arrays.fill(byCode, UNKNOWN_SERVER_ERROR);
            for (ErrorCode error : values()) {
              byCode[error.code - LOWEST_CODE] = error;
            }
            return byCode;
          }
        }
        """
        .formatted(packageName, constants, lowestCode(errors), codeCount(errors));
  }

  private static String constant(KafkaError error) {
    return "  %s(%d, %b, %s)"
        .formatted(
            error.name(), error.code(), error.retriable(), JavaText.literal(error.message()));
  }

  private static int lowestCode(List<KafkaError> errors) {
    return errors.stream().mapToInt(KafkaError::code).min().orElse(0);
  }

  private static int codeCount(List<KafkaError> errors) {
    int highest = errors.stream().mapToInt(KafkaError::code).max().orElse(0);
    return highest - lowestCode(errors) + 1;
  }
}
