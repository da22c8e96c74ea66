package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.GuestImageSpec.Source;
import io.trustedlaunch.api.ImageCopySpec.Envelope;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.image.PullSecretReader;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/** Credentials of an image's source, sealed to the nodes that bring it. */
final class PullCredentialsSealer {
    private final String namespace;
    private final ApiReader tenants;
    private final SealingCertificates certificates;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the Secrets are */
    PullCredentialsSealer(String namespace, ApiReader tenants, SealingCertificates certificates, SecureRandom random) {
        this.namespace = namespace;
        this.tenants = tenants;
        this.certificates = certificates;
        this.random = random;
    }

    /** What is needed for the source, and where it comes from. */
    record Held(PullCredentialsFacts facts, String version) {}

    /** Reads the Secret anew: nothing watches it. */
    Held held(Source source) {
        Optional<Secret> secret = PullSecretReader.secretName(source).flatMap(name -> tenants.secret(namespace, name));
        String version = secret.map(found ->
                        found.getMetadata().getUid() + "/" + found.getMetadata().getResourceVersion())
                .orElse("");
        return new Held(PullSecretReader.read(source, namespace, secret), version);
    }

    /** What an envelope for the node must be of; empty while nothing can be sealed to it. */
    Optional<String> from(Held held, Optional<ClusterNode> node) {
        return recipient(node).map(certificate -> held.version() + " to " + serial(certificate));
    }

    /** @throws StaleViewException if nothing can be sealed to the node any more */
    Envelope seal(
            PullCredentials credentials,
            String from,
            String copy,
            String nodeName,
            Function<String, Optional<ClusterNode>> nodes) {
        VerifiedCertificate recipient = recipient(nodes.apply(nodeName))
                .orElseThrow(() -> new StaleViewException("the sealing certificate of " + nodeName + " changed"));
        byte[] sealed = PullEnvelope.seal(credentials, new PullEnvelope.Address(copy, nodeName), recipient, random);
        return new Envelope(Base64.getEncoder().encodeToString(sealed), from);
    }

    private Optional<VerifiedCertificate> recipient(Optional<ClusterNode> node) {
        return node.flatMap(found -> Optional.ofNullable(found.getStatus())
                .map(ClusterNodeStatus::sealingCertificate)
                .flatMap(pem -> certificates.recipient(found.getMetadata().getName(), pem)));
    }

    private static String serial(VerifiedCertificate certificate) {
        BigInteger number = certificate.certificate().getSerialNumber();
        return number.toString(Character.MAX_RADIX);
    }
}
