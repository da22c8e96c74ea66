package io.trustedlaunch.api.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** The Secret that holds a VM's protection key, in the operator's own namespace. */
public final class ProtectionKeySecret {
    public static final String TYPE = Api.PROTECTION_KEY_TYPE;
    public static final String DATA_KEY = "key";

    /** Tells people who meet the Secret whose key it is. */
    public static final String VM_NAMESPACE = Api.GROUP + "/vm-namespace";

    /** The name of the VM object, also of one that has taken over the retained VM. */
    public static final String VM_NAME = Api.GROUP + "/vm-name";

    private ProtectionKeySecret() {}

    /** A VM that was deleted and created again under its name is another VM, and finds no key. */
    public static String nameFor(String vmUid) {
        return vmUid;
    }

    /** UID of the VM object that has taken over the retained VM whose key it is; empty: none has. */
    public static Optional<String> holder(Secret secret) {
        return Optional.ofNullable(secret.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Api.TAKEN_OVER_BY))
                .filter(holder -> !holder.isEmpty());
    }

    /** The namespace of the VM whose key it is, also after that was retained. */
    public static Optional<String> namespace(Secret secret) {
        return Optional.ofNullable(secret.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(VM_NAMESPACE));
    }

    /**
     * It is the key of that VM object, or was until it was retained. Tenants write what the object says: only its own UID, and
     * what this Secret says, prove whose identity it has.
     */
    public static boolean isOf(Secret secret, TrustedLaunchVM vm) {
        Optional<String> uid = Optional.of(vm.getMetadata().getUid());
        boolean isNamed = holder(secret).isPresent()
                ? holder(secret).equals(uid)
                : vm.takenOver().isEmpty() || retainedBy(secret).equals(uid);
        return isNamed && secret.getMetadata().getName().equals(nameFor(vm.identity()));
    }

    /** Empty if the record cannot be read. */
    private static Optional<String> retainedBy(Secret secret) {
        try {
            return Optional.ofNullable(secret.getMetadata().getAnnotations())
                    .map(annotations -> annotations.get(Api.RETAINED_VM))
                    .map(json -> RetainedVMRecord.parse(json).objectUID());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The Secret has no owner reference: it must not go because an object goes, or could not be found.
     *
     * @param namespace the operator's own
     * @param vmUid the VM's identity
     */
    public static Secret of(String namespace, String vmUid, String vmNamespace, String vmName, byte[] key) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(nameFor(vmUid))
                .withLabels(Map.of(Api.LABEL_VM_UID, vmUid))
                .addToAnnotations(VM_NAMESPACE, vmNamespace)
                .addToAnnotations(VM_NAME, vmName)
                .withFinalizers(Api.FINALIZER)
                .endMetadata()
                .withType(TYPE)
                .withImmutable(true)
                .withData(Map.of(DATA_KEY, Base64.getEncoder().encodeToString(key)))
                .build();
    }
}
