package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;

/** The result of fetching a catalog from its source. */
sealed interface FetchResult {
    record Fetched(SignedContent signed) implements FetchResult {}

    record Unavailable(Reason reason, String message) implements FetchResult {}
}
