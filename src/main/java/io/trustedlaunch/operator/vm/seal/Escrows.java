package io.trustedlaunch.operator.vm.seal;

import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVMSpec;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.recovery.Escrow;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/** What lies in a VM's folder for the case that all that the API server knows of it is lost. */
public final class Escrows {
    private final Optional<RecoveryCertificate> recovery;
    private final SecureRandom random;

    /** @param recovery empty: nothing is escrowed */
    public Escrows(Optional<RecoveryCertificate> recovery, SecureRandom random) {
        this.recovery = recovery;
        this.random = random;
    }

    /** In base64; empty where there is no recovery certificate, and for a life that starts nothing. */
    Optional<String> of(VMIncarnationSpec life, VmFacts facts, ProtectionKey key) {
        return recovery.filter(certificate -> life.desiredState() == DesiredState.Running)
                .map(certificate -> new Escrow(key, facts.vm(), record(life, facts)).seal(certificate, random))
                .map(Base64.getEncoder()::encodeToString);
    }

    /** Its EK is not known before the first start, nor its guest state: both are in the folder itself. */
    private static RetainedVMRecord record(VMIncarnationSpec life, VmFacts facts) {
        TrustedLaunchVMSpec spec = facts.spec();
        return new RetainedVMRecord(
                life.vmRef().namespace(),
                life.vmRef().name(),
                life.vmRef().uid(),
                facts.ownerUid(),
                life.epoch(),
                life.nodeName(),
                false,
                life.machine().osType(),
                facts.status().map(TrustedLaunchVMStatus::image).orElse(null),
                facts.recordedEk()
                        .map(digest -> new TrustedLaunchVMStatus.VTpm(digest, null))
                        .orElse(null),
                null,
                spec.storageLocationRef().name(),
                spec.osDisk(),
                spec.dataDisks(),
                facts.migration().orElse(null));
    }
}
