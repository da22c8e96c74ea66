package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Reason;
import java.util.Map;

/** What the Secret in {@code spec.guestConfig} says. */
public sealed interface UserDataFacts {
    /** Nothing is about to start, so nobody looked. */
    record Unread() implements UserDataFacts {}

    /** By file name; empty if the VM has no guestConfig. */
    record Files(Map<String, byte[]> files) implements UserDataFacts {
        /** Their content may hold passwords. */
        @Override
        public String toString() {
            return "Files" + files.keySet();
        }
    }

    /** It cannot be used; the message names the field and the fix. */
    record Unusable(Reason reason, String message) implements UserDataFacts {}
}
