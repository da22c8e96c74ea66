package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.image.PullSecretReader;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.seal.NoRecipientException;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.seal.SealingCertificates;
import java.security.SecureRandom;
import java.util.Optional;

/** Seals the credentials for an image's source to the nodes that import it. */
final class PullCredentialsSealer {
    private final String namespace;
    private final ApiReader apiReader;
    private final SealingCertificates certificates;
    private final SecureRandom random;

    /** @param namespace the operator's own, where the Secrets are */
    PullCredentialsSealer(
            String namespace, ApiReader apiReader, SealingCertificates certificates, SecureRandom random) {
        this.namespace = namespace;
        this.apiReader = apiReader;
        this.certificates = certificates;
        this.random = random;
    }

    /** @param version of the Secret */
    record SourceCredentials(PullCredentialsFacts facts, String version) {}

    /** Reads the Secret, which is not watched. */
    SourceCredentials credentials(Source source) {
        Optional<Secret> secret =
                PullSecretReader.secretName(source).flatMap(name -> apiReader.secret(namespace, name));
        String version = secret.map(found ->
                        found.getMetadata().getUid() + "/" + found.getMetadata().getResourceVersion())
                .orElse("");
        return new SourceCredentials(PullSecretReader.read(source, namespace, secret), version);
    }

    /** The version that an envelope for the node must have; empty while nothing can be sealed to the node. */
    Optional<String> from(SourceCredentials credentials, Optional<ClusterNode> node) {
        return node.map(found -> certificates.find(found.getMetadata().getName(), found.status()))
                .flatMap(Result::found)
                .map(certificate -> credentials.version() + " to " + certificate.keyIdentifier());
    }

    /** @throws NoRecipientException if nothing can be sealed to the node any more */
    Envelope seal(PullCredentials credentials, String from, PullEnvelope.Address address, Optional<ClusterNode> node) {
        VerifiedCertificate recipient = certificates.recipient(address.nodeName(), node.flatMap(ClusterNode::status));
        byte[] sealed = PullEnvelope.seal(credentials, address, recipient, random);
        return new Envelope(SealedEnvelope.of(recipient, sealed).base64(), from);
    }
}
