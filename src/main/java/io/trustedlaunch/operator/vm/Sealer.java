package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.ProtectionKeySecret;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/** Makes keys, and the envelopes that take them to a node. */
final class Sealer {
    /** For people who meet the Secret: whose key it is. */
    private static final String VM_NAMESPACE = Api.GROUP + "/vm-namespace";

    static final String VM_NAME = Api.GROUP + "/vm-name";

    private final String namespace;
    private final SealingCertificates certificates;
    private final SecureRandom random;

    Sealer(String namespace, SealingCertificates certificates, SecureRandom random) {
        this.namespace = namespace;
        this.certificates = certificates;
        this.random = random;
    }

    /** Without an owner reference: it must not go because an object goes, or could not be found. */
    Secret newKey(TrustedLaunchVM vm) {
        String uid = vm.identity();
        byte[] key = ProtectionKey.generate(random).bytes();
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ProtectionKeySecret.nameFor(uid))
                .withLabels(Map.of(Api.LABEL_VM_UID, uid))
                .withAnnotations(Map.of(
                        VM_NAMESPACE, vm.getMetadata().getNamespace(),
                        VM_NAME, vm.getMetadata().getName()))
                .withFinalizers(Api.FINALIZER)
                .endMetadata()
                .withType(ProtectionKeySecret.TYPE)
                .withImmutable(true)
                .withData(
                        Map.of(ProtectionKeySecret.DATA_KEY, Base64.getEncoder().encodeToString(key)))
                .build();
    }

    VMIncarnation sealed(VMIncarnation blueprint, VmFacts facts) {
        VMIncarnationSpec open = blueprint.getSpec();
        VMIncarnation sealed = new VMIncarnation();
        sealed.setMetadata(blueprint.getMetadata());
        sealed.setSpec(new VMIncarnationSpec(
                open.vmRef(),
                open.epoch(),
                open.nodeName(),
                open.desiredState(),
                open.machine(),
                open.firstStart(),
                open.ekDigest(),
                open.guestStateFloor(),
                open.approvedGuestState(),
                open.escrow(),
                envelope(open, facts),
                null,
                null));
        return sealed;
    }

    String envelope(VMIncarnationSpec life, VmFacts facts) {
        if (!(facts.key() instanceof KeyFacts.Held held)) {
            throw new IllegalStateException("an envelope was planned without a key");
        }
        EnvelopeAddress address = new EnvelopeAddress(life.vmRef().uid(), life.epoch(), life.nodeName());
        EnvelopeContent content = new EnvelopeContent(address, held.key(), files(life, facts.userData()));
        return Base64.getEncoder().encodeToString(Envelope.seal(content, recipient(life.nodeName(), facts), random));
    }

    /**
     * A guest is told at its first boot; a Secret that was cleared away since does not keep it from starting. One that
     * is to end is told nothing.
     */
    private static Map<String, byte[]> files(VMIncarnationSpec life, UserDataFacts userData) {
        if (life.desiredState() != DesiredState.Running) {
            return Map.of();
        }
        return switch (userData) {
            case UserDataFacts.Files files -> files.files();
            case UserDataFacts.Unusable unusable -> Map.of();
            case UserDataFacts.Unread unread ->
                throw new IllegalStateException("an envelope was planned without reading the user data");
        };
    }

    private VerifiedCertificate recipient(String node, VmFacts facts) {
        return facts.node(node)
                .filter(candidate ->
                        candidate.status() != null && candidate.status().sealingCertificate() != null)
                .flatMap(candidate ->
                        certificates.recipient(node, candidate.status().sealingCertificate()))
                .orElseThrow(() -> new StaleViewException("the sealing certificate of " + node + " changed"));
    }
}
