package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import java.util.HashMap;
import java.util.Map;

/** Writes the owner of a protection key on its Secret: no VM while it is retained, and never more than one. */
final class KeyCustodian {
    private final ResourceWriter writer;
    private final VmCaches caches;

    KeyCustodian(ResourceWriter writer, VmCaches caches) {
        this.writer = writer;
        this.caches = caches;
    }

    void retain(KeyFacts key, RetainedVMRecord record) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(Api.RETAINED_VM, record.toJson());
        annotations.put(Api.TAKEN_OVER_BY, null);
        annotate(key, annotations);
    }

    /** Keeps the record, which is still to be copied to the VM's status. */
    void claim(KeyFacts key, TrustedLaunchVM vm) {
        annotate(
                key,
                Map.of(
                        Api.TAKEN_OVER_BY, vm.getMetadata().getUid(),
                        ProtectionKeySecret.VM_NAME, vm.getMetadata().getName()));
    }

    /** It is no more than what the VM was before its last owner, which is gone. */
    void inherit(KeyFacts key, TrustedLaunchVM vm, RetainedVMRecord record) {
        annotate(
                key,
                Map.of(
                        Api.RETAINED_VM, record.toJson(),
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
            throw new IllegalStateException("a step changes a protection key that is not held");
        }
        Secret before = held.secret();
        caches.updated(writer.setAnnotations(before, annotations), before);
    }
}
