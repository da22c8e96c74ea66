package io.trustedlaunch.placement;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * Why a node cannot take a VM.
 *
 * @param here with what is so on this node alone
 * @param anywhere the same for every node that cannot take it for this reason
 */
record RejectionReason(String here, String anywhere) {
    static RejectionReason anywhere(String why) {
        return new RejectionReason(why, why);
    }

    static Optional<RejectionReason> when(boolean rejected, String anywhere) {
        return rejected ? Optional.of(anywhere(anywhere)) : Optional.empty();
    }

    static Optional<RejectionReason> when(boolean rejected, String anywhere, Supplier<String> here) {
        return rejected ? Optional.of(new RejectionReason(here.get(), anywhere)) : Optional.empty();
    }
}
