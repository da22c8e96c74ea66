package io.trustedlaunch.audit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** The object that an act is about. */
public record AuditedObject(String kind, Optional<String> namespace, String name, String uid) {
    public static AuditedObject of(HasMetadata object) {
        return new AuditedObject(
                object.getKind(),
                Optional.ofNullable(object.getMetadata().getNamespace()),
                object.getMetadata().getName(),
                object.getMetadata().getUid());
    }
}
