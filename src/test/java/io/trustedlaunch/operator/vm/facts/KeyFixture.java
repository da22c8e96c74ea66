package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.util.Arrays;
import java.util.Map;

/** The VM's protection key in its different states. */
public final class KeyFixture {
    public static final KeyFacts NO_KEY = new KeyFacts.Absent(Incarnations.NAMESPACE);

    private KeyFixture() {}

    public static KeyFacts held() {
        return held(Map.of());
    }

    /** It says that the VM was retained. */
    public static KeyFacts retained(RetainedVMRecord record) {
        return held(Map.of(Api.RETAINED_VM, record.toJson()));
    }

    /** It says, too, which VM object took over the VM. */
    public static KeyFacts takenOver(RetainedVMRecord record, String ownerUid) {
        return held(Map.of(Api.RETAINED_VM, record.toJson(), Api.TAKEN_OVER_BY, ownerUid));
    }

    /** Its Secret was deleted, but for the finalizer. */
    public static KeyFacts heldByItsFinalizer() {
        return new KeyFacts.Held(secret(Map.of()), protectionKey(), true);
    }

    public static KeyFacts invalid() {
        return new KeyFacts.Invalid(secret(Map.of()), "no key");
    }

    private static KeyFacts held(Map<String, String> annotations) {
        return new KeyFacts.Held(secret(annotations), protectionKey(), false);
    }

    private static Secret secret(Map<String, String> annotations) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Incarnations.NAMESPACE)
                .withName(Vms.UID)
                .withAnnotations(annotations)
                .endMetadata()
                .build();
    }

    public static ProtectionKey protectionKey() {
        byte[] bytes = new byte[ProtectionKey.BYTES];
        Arrays.fill(bytes, (byte) 7);
        return ProtectionKey.of(bytes);
    }
}
