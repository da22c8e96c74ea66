package io.trustedlaunch.agent.session;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.audit.AuditedObject;
import java.time.Duration;
import java.time.Instant;

/** A client that is admitted. */
public interface Session {
    /** The object of the API that admits it. */
    AuditedObject object();

    /** Fingerprint of the only key that is admitted. */
    String clientKey();

    /** By the API server's clock. */
    Instant createdAt();

    Instant expiresAt();

    /** UID of its object. */
    default String id() {
        return object().uid();
    }

    /** Namespace and name of its object, for logs. */
    default String name() {
        return object().namespace().orElseThrow() + "/" + object().name();
    }

    /** Also if it was created later than that. */
    default boolean isExpiredAt(Instant time) {
        return RecordedTime.isOver(Duration.between(createdAt(), expiresAt()), createdAt(), time);
    }
}
