package io.trustedlaunch.operator.catalog;

import io.trustedlaunch.api.Reason;

/** What a catalog's source has. */
sealed interface Delivery {
    record Delivered(SignedContent signed) implements Delivery {}

    record Unavailable(Reason reason, String message) implements Delivery {}
}
