package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Reason;
import java.util.Map;

/** The Secret that {@code spec.guestConfig} names. */
public sealed interface UserDataFacts {
    /** The Secret was not read, since no start is due. */
    record Unread() implements UserDataFacts {}

    /** @param files by name; empty if the VM has no guestConfig */
    record Files(Map<String, byte[]> files) implements UserDataFacts {
        /** Omits their content, which may hold passwords. */
        @Override
        public String toString() {
            return "Files" + files.keySet();
        }
    }

    /** The Secret cannot be used; the message names the field and the fix. */
    record Unusable(Reason reason, String message) implements UserDataFacts {}
}
