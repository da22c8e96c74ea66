package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Base64;
import java.util.Map;

/** The Secret that holds a VM's protection key, in the operator's own namespace. */
public final class ProtectionKeySecret {
    public static final String TYPE = Api.PROTECTION_KEY_TYPE;
    public static final String DATA_KEY = "key";

    /** For people who meet the Secret: whose key it is. */
    public static final String VM_NAMESPACE = Api.GROUP + "/vm-namespace";

    public static final String VM_NAME = Api.GROUP + "/vm-name";

    private ProtectionKeySecret() {}

    /** A VM that was deleted and created again under its name is another VM, and finds no key. */
    public static String nameFor(String vmUid) {
        return vmUid;
    }

    /**
     * Without an owner reference: it must not go because an object goes, or could not be found.
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
