package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whether a VM has the identity of the retained VM that it was created to continue. Its status proves nothing: a tenant may
 * write it.
 */
public final class Takeover {
    private Takeover() {}

    /**
     * The identity in {@code spec.restoreFrom} is not the VM's yet, or never will be.
     *
     * @param key of that identity; not read for a VM that names none
     * @param incarnations of that identity; not read either
     */
    public static boolean isAhead(
            TrustedLaunchVM vm, Supplier<KeyFacts> key, Supplier<List<VMIncarnation>> incarnations) {
        return vm.takenOver().isPresent() && isAhead(vm, key.get(), incarnations.get());
    }

    private static boolean isAhead(TrustedLaunchVM vm, KeyFacts key, List<VMIncarnation> incarnations) {
        return !(isOwner(vm, key, incarnations) && isRecorded(vm, key));
    }

    private static boolean isOwner(TrustedLaunchVM vm, KeyFacts key, List<VMIncarnation> incarnations) {
        return switch (key) {
            case KeyFacts.Held held -> ProtectionKeySecret.isOf(held.secret(), vm);
            case KeyFacts.Invalid invalid -> ProtectionKeySecret.isOf(invalid.secret(), vm);
            // Its Secret was lost. The operator alone writes what its incarnations say.
            case KeyFacts.Absent absent ->
                !incarnations.isEmpty()
                        && incarnations.stream()
                                .allMatch(one -> one.getSpec()
                                        .vmRef()
                                        .owner()
                                        .equals(vm.getMetadata().getUid()));
        };
    }

    /** The record of the retained VM was copied. */
    private static boolean isRecorded(TrustedLaunchVM vm, KeyFacts key) {
        return new VmObject(vm).epoch() > 0
                && RetainedVm.of(key)
                        .found()
                        .filter(found -> found.record().epoch() > new VmObject(vm).epoch())
                        .isEmpty();
    }
}
