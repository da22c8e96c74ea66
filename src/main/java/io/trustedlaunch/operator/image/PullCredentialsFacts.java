package io.trustedlaunch.operator.image;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;

/** The credentials that a source names. */
public sealed interface PullCredentialsFacts {
    /** The source names none. */
    record NotNeeded() implements PullCredentialsFacts {}

    record Found(PullCredentials credentials) implements PullCredentialsFacts {}

    record Unusable(Reason reason, String message) implements PullCredentialsFacts {}
}
