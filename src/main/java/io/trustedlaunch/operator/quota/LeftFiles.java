package io.trustedlaunch.operator.quota;

import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The charges of VMs that were deleted while a node of theirs was unreachable, until its agent has removed their files. */
public final class LeftFiles {
    private LeftFiles() {}

    /** The namespace of the VM whose files its agent is to remove; empty if it is not, or has. */
    public static Optional<String> namespace(VMIncarnation incarnation) {
        return Optional.of(incarnation.getSpec().vmRef().namespace()).filter(name -> isRemoving(incarnation));
    }

    private static boolean isRemoving(VMIncarnation incarnation) {
        return incarnation.getSpec().desiredState() == DesiredState.Erased
                && EpochProgress.reported(incarnation).end() != EpochProgress.End.ERASED;
    }

    /**
     * The keys are the VMs' identities.
     *
     * @param counted identities of VMs that count for their files themselves
     */
    static Map<String, Use> of(List<VMIncarnation> incarnations, Set<String> counted) {
        return incarnations.stream()
                .filter(incarnation ->
                        !counted.contains(incarnation.getSpec().vmRef().uid()))
                .collect(Collectors.toMap(
                        incarnation -> incarnation.getSpec().vmRef().uid(),
                        incarnation -> use(incarnation.getSpec().machineNow()),
                        (one, other) -> one.storage() < other.storage() ? other : one));
    }

    private static Use use(Machine machine) {
        return UseBuilder.builder().storage(VmCharge.disks(machine)).build();
    }
}
