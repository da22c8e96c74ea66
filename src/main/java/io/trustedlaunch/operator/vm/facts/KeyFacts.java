package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.custody.ProtectionKey;

/** What the operator's namespace holds of a VM's protection key. */
public sealed interface KeyFacts {
    record Absent() implements KeyFacts {}

    /** @param deletionRequested somebody deleted the Secret; its finalizer keeps it */
    record Held(Secret secret, ProtectionKey key, boolean deletionRequested) implements KeyFacts {
        /** Never the Secret itself, which would print its data. */
        @Override
        public String toString() {
            return "Held[" + key + ", deletionRequested=" + deletionRequested + "]";
        }
    }

    /** There is a Secret of that name, and it holds no key. */
    record Invalid(Secret secret, String why) implements KeyFacts {
        @Override
        public String toString() {
            return "Invalid[" + why + "]";
        }
    }
}
