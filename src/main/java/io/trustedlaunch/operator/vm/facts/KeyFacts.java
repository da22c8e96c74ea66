package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.custody.ProtectionKey;

/** A VM's protection key in the operator's namespace. */
public sealed interface KeyFacts {
    /** @param namespace where its Secret should be */
    record Absent(String namespace) implements KeyFacts {}

    /** @param deletionRequested the Secret was deleted, and only its finalizer keeps it */
    record Held(Secret secret, ProtectionKey key, boolean deletionRequested) implements KeyFacts {
        /** Without the Secret, whose data is the key. */
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
}
