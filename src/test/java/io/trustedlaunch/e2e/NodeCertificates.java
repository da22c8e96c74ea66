package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.custody.PublishedAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The certificates of a lab's hosts, and replacements for them. */
final class NodeCertificates {
    private static final Duration VALIDITY = Duration.ofDays(30);

    private final Stage stage;
    private final SecureRandom random = new SecureRandom();

    NodeCertificates(Stage stage) {
        this.stage = stage;
    }

    NodeCertificateAuthority ofTheCluster(String name) {
        Map<String, String> data = stage.client
                .secrets()
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(name)
                .get()
                .getData();
        return NodeCertificateAuthority.fromPem(decoded(data.get("ca.key")), decoded(data.get("ca.crt")));
    }

    NodeCertificateAuthority foreign() {
        return NodeCertificateAuthority.create(PublishedAuthority.QEMU, random, Instant.now(), VALIDITY);
    }

    /** Replaces the certificate that QEMU presents on this host. */
    void presentInQemu(String host, NodeCertificateAuthority issuer, String node, Instant issued) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        String certificate = issue(issuer, pair, CertificatePurpose.QEMU, node, issued);
        write(qemu(host).resolve("server-key.pem"), pair.toPem());
        write(qemu(host).resolve("server-cert.pem"), certificate);
    }

    /** Replaces the authority that QEMU trusts on this host. */
    void trustInQemu(String host, NodeCertificateAuthority authority) {
        write(qemu(host).resolve("ca-cert.pem"), authority.certificatePem());
    }

    Map<Path, String> qemuFiles(String host) {
        Map<Path, String> files = new TreeMap<>();
        for (String name : new String[] {"ca-cert.pem", "server-key.pem", "server-cert.pem"}) {
            files.put(qemu(host).resolve(name), read(qemu(host).resolve(name)));
        }
        return files;
    }

    void write(Map<Path, String> files) {
        files.forEach(NodeCertificates::write);
    }

    /** Makes an agent's certificates so old that it renews them, and triggers its check. */
    void makeDueForRenewal(String host) {
        for (CertificatePurpose purpose : CertificatePurpose.values()) {
            NodeKeyPair pair = NodeKeyPair.fromPem(read(identity(host, purpose, "key")));
            String authority = purpose == CertificatePurpose.QEMU ? PublishedAuthority.QEMU : PublishedAuthority.NODES;
            Instant issued = Instant.now().minus(VALIDITY).plus(Duration.ofDays(1));
            write(identity(host, purpose, "crt"), issue(ofTheCluster(authority), pair, purpose, host, issued));
        }
        // Every agent looks at its certificates when an authority's ConfigMap changes; otherwise each ten minutes.
        stage.client
                .configMaps()
                .inNamespace(Stage.OPERATOR_NAMESPACE)
                .withName(PublishedAuthority.NODES)
                .edit(authority -> new ConfigMapBuilder(authority)
                        .editMetadata()
                        .addToAnnotations("test", UUID.randomUUID().toString())
                        .endMetadata()
                        .build());
    }

    /** How long all certificates of the host are still valid. */
    Duration remainingValidity(String host) {
        Duration least = VALIDITY;
        for (CertificatePurpose purpose : CertificatePurpose.values()) {
            Instant end = Certificates.fromPem(read(identity(host, purpose, "crt")))
                    .getNotAfter()
                    .toInstant();
            Duration left = Duration.between(Instant.now(), end);
            least = left.compareTo(least) < 0 ? left : least;
        }
        return least;
    }

    private String issue(
            NodeCertificateAuthority issuer,
            NodeKeyPair pair,
            CertificatePurpose purpose,
            String node,
            Instant issued) {
        return Certificates.toPem(issuer.issue(
                CertificateRequest.parse(pair.certificateRequest(random)),
                new NodeSubject(node),
                purpose,
                issued,
                VALIDITY,
                random));
    }

    private Path qemu(String host) {
        return stage.lab.onHost(host, "etc/pki/qemu");
    }

    private Path identity(String host, CertificatePurpose purpose, String kind) {
        return stage.lab.onHost(host, "var/lib/trusted-launch/agent/identity/" + purpose.label() + "." + kind);
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), US_ASCII);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites the file in place, so that its owner and mode stay. */
    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
