package io.millrace.generator;

import java.util.List;
import java.util.Set;

/// The fields whose value is a secret or may be one. Kafka's schemas do not mark them, so that they
/// are listed here, as `Message.Field`; the name of a field counts in every struct of its message.
final class Redactions {
  private static final List<String> FIELDS =
      List.of(
          "SaslAuthenticateRequest.AuthBytes",
          "SaslAuthenticateResponse.AuthBytes",
          "AlterUserScramCredentialsRequest.Salt",
          "AlterUserScramCredentialsRequest.SaltedPassword",
          "CreateDelegationTokenResponse.Hmac",
          "RenewDelegationTokenRequest.Hmac",
          "ExpireDelegationTokenRequest.Hmac",
          "DescribeDelegationTokenResponse.Hmac",
          // Values of configs: some are passwords, and which ones is not known here.
          "AlterConfigsRequest.Value",
          "IncrementalAlterConfigsRequest.Value",
          "CreateTopicsRequest.Value",
          "CreateTopicsResponse.Value",
          "DescribeConfigsResponse.Value",
          "ConfigRecord.Value",
          // A whole request of another kind, with whatever is in it.
          "EnvelopeRequest.RequestData",
          "EnvelopeResponse.ResponseData",
          "UserScramCredentialRecord.Salt",
          "UserScramCredentialRecord.StoredKey",
          "UserScramCredentialRecord.ServerKey");

  private Redactions() {}

  static boolean isRedacted(String message, String field) {
    return FIELDS.contains(message + "." + field);
  }

  /// Fails if a field of `message` that is to be redacted is not there: it may have been renamed.
  static void requireAllFound(String message, Set<String> fieldNames) {
    for (String field : FIELDS) {
      int dot = field.indexOf('.');
      String name = field.substring(dot + 1);
      if (field.substring(0, dot).equals(message) && !fieldNames.contains(name)) {
        throw new InvalidSchemaException(field + " is to be redacted, and there is no such field");
      }
    }
  }
}
