package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.custody.ProtectionKey;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** A VM's protection key in the operator's namespace. */
public sealed interface KeyFacts {
    /** @param namespace where its Secret should be */
    record Absent(String namespace) implements KeyFacts {}

    /** @param deletionRequested the Secret was deleted, and only its finalizer keeps it */
    record Held(Secret secret, ProtectionKey key, boolean deletionRequested) implements KeyFacts {
        /** Omits the Secret, whose data is the key. */
        @Override
        public String toString() {
            return "Held[" + key + ", deletionRequested=" + deletionRequested + "]";
        }
    }

    /** The Secret exists, but holds no usable key. */
    record Invalid(Secret secret, String why) implements KeyFacts {
        @Override
        public String toString() {
            return "Invalid[" + why + "]";
        }
    }

    /** Reads a Secret that exists. */
    static KeyFacts of(Secret secret) {
        Map<String, String> data = secret.getData() == null ? Map.of() : secret.getData();
        String encoded = data.get(ProtectionKeySecret.DATA_KEY);
        if (!ProtectionKeySecret.TYPE.equals(secret.getType()) || encoded == null) {
            return new Invalid(
                    secret,
                    "it must have type " + ProtectionKeySecret.TYPE + " and the key " + ProtectionKeySecret.DATA_KEY);
        }
        try {
            return new Held(
                    secret, ProtectionKey.of(Base64.getDecoder().decode(encoded)), secret.isMarkedForDeletion());
        } catch (IllegalArgumentException e) {
            return new Invalid(secret, e.getMessage());
        }
    }

    /** The key, if it can be used. */
    default Optional<ProtectionKey> held() {
        return this instanceof Held found ? Optional.of(found.key()) : Optional.empty();
    }
}
