package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;

/** What is known of the credentials that a source names. */
public sealed interface PullCredentialsFacts {
    /** It names none. */
    record NotNeeded() implements PullCredentialsFacts {}

    record Found(PullCredentials credentials) implements PullCredentialsFacts {}

    record Unusable(Reason reason, String message) implements PullCredentialsFacts {}
}
