package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import java.util.Optional;

/**
 * Reads a VM's key when it is needed: the operator's other half may have replaced its Secret.
 *
 * @param namespace the operator's own, where the keys are
 */
record VmKeys(String namespace, ApiReader reader) {
    /** Empty if it cannot be used; the VM's own conditions say why. */
    Optional<ProtectionKey> of(TrustedLaunchVM vm) {
        return reader.secret(namespace, ProtectionKeySecret.nameFor(vm.identity()))
                .filter(secret -> ProtectionKeySecret.isOf(secret, vm))
                .map(KeyFacts::of)
                .flatMap(KeyFacts::held);
    }
}
