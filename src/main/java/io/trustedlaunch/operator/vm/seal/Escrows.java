package io.trustedlaunch.operator.vm.seal;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.recovery.Escrow;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** Escrows for VMs' folders, to recover a VM after the loss of the API server's data. */
public final class Escrows {
    private final Optional<RecoveryCertificate> recovery;
    private final SecureRandom random;

    /** @param recovery if empty, nothing is escrowed */
    public Escrows(Optional<RecoveryCertificate> recovery, SecureRandom random) {
        this.recovery = recovery;
        this.random = random;
    }

    /** The escrow in base64; empty without a recovery certificate, and for an incarnation that starts no guest. */
    Optional<String> of(VMIncarnationSpec incarnation, VmObject vm, ProtectionKey key) {
        return recovery.filter(certificate -> incarnation.desiredState() == DesiredState.Running)
                .map(certificate -> new Escrow(key, vm.resource(), record(incarnation, vm)).seal(certificate, random))
                .map(Base64.getEncoder()::encodeToString);
    }

    /**
     * The EK and the versions of the guest state are unknown before the first start, and in the folder. The home is what it
     * will be once the incarnation has claimed it.
     */
    private static RetainedVMRecord record(VMIncarnationSpec incarnation, VmObject vm) {
        TrustedLaunchVMSpec spec = vm.spec();
        Machine machine = incarnation.machineNow();
        return RetainedVMRecordBuilder.builder()
                .namespace(incarnation.vmRef().namespace())
                .name(incarnation.vmRef().name())
                .uid(incarnation.vmRef().uid())
                .objectUID(vm.ownerUid())
                .epoch(incarnation.epoch())
                .osType(machine.osType())
                .image(vm.image().orElse(null))
                .vTPM(vm.ek()
                        .map(digest -> new TrustedLaunchVMStatus.VTpm(digest, null))
                        .orElse(null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new TrustedLaunchVMStatus.Home(
                                machine.location().name(),
                                incarnation.nodeName(),
                                incarnation.epoch(),
                                false,
                                incarnation.cluster()))
                        .build())
                .osDisk(spec.osDisk())
                .dataDisks(machine.dataDisks().stream()
                        .map(VMIncarnationSpec.Disk::recorded)
                        .toList())
                .removedDisks(machine.removedDisks().stream()
                        .map(VMIncarnationSpec.Disk::recorded)
                        .toList())
                .migration(vm.migration().orElse(null))
                .build();
    }
}
