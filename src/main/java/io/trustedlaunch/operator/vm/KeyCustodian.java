package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import java.util.HashMap;
import java.util.Map;

/** Writes on the Secret of a protection key whose it is: nobody's while the VM is kept, one VM's at most. */
final class KeyCustodian {
    private final ResourceWriter writer;
    private final VmCaches caches;

    KeyCustodian(ResourceWriter writer, VmCaches caches) {
        this.writer = writer;
        this.caches = caches;
    }

    void keep(KeyFacts key, RetainedVMRecord record) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(Api.RETAINED_VM, record.toJson());
        annotations.put(Api.TAKEN_OVER_BY, null);
        annotate(key, annotations);
    }

    /** The record stays until another is written: the claim alone moves nothing into the VM's status. */
    void claim(KeyFacts key, TrustedLaunchVM vm) {
        annotate(
                key,
                Map.of(
                        Api.TAKEN_OVER_BY, vm.getMetadata().getUid(),
                        ProtectionKeySecret.VM_NAME, vm.getMetadata().getName()));
    }

    void giveBack(KeyFacts key) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(Api.TAKEN_OVER_BY, null);
        annotate(key, annotations);
    }

    private void annotate(KeyFacts key, Map<String, String> annotations) {
        if (!(key instanceof KeyFacts.Held held)) {
            throw new IllegalStateException("a change of a key that is not held was planned");
        }
        Secret before = held.secret();
        caches.updated(writer.setAnnotations(before, annotations), before);
    }
}
