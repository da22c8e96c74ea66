package io.trustedlaunch.agent.imagecopy;

import io.trustedlaunch.agent.disks.VerifiedImage;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import java.util.Optional;

/** What a first start makes its OS disk from. */
@FunctionalInterface
public interface Images {
    Finding look(Machine machine);

    /** Whether it is there. */
    sealed interface Finding {
        record Found(VerifiedImage image) implements Finding {}

        /** @param word what there is to tell of it; empty while it is not worth a word */
        record Awaited(Optional<Word> word) implements Finding {}
    }

    /** For the VM's user. */
    record Word(Reason reason, String message) {}
}
