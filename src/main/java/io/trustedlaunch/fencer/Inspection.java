package io.trustedlaunch.fencer;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.fencer.device.FenceTarget;
import java.util.Optional;

/** The answer of a management controller. */
sealed interface Inspection {
    /** Which machine it is in, as far as it says. */
    Optional<MachineUuid> uuid();

    /**
     * It is in the node's machine.
     *
     * @param target with the path of the machine
     */
    record Verified(FenceTarget target, MachineUuid machine) implements Inspection {
        @Override
        public Optional<MachineUuid> uuid() {
            return Optional.of(machine);
        }
    }

    /** It answers over IPMI. The administrator alone says that it is in the node's machine. */
    record Unverified(FenceTarget target) implements Inspection {
        @Override
        public Optional<MachineUuid> uuid() {
            return Optional.empty();
        }
    }

    /** Nothing is switched by it. */
    record Refused(Problem problem, Optional<MachineUuid> uuid) implements Inspection {}
}
