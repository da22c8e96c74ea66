package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;

/** What a catalog's source has. */
sealed interface FetchResult {
    record Delivered(SignedContent signed) implements FetchResult {}

    record Unavailable(Reason reason, String message) implements FetchResult {}
}
