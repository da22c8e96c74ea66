package io.trustedlaunch.custody;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/**
 * The one purpose that a node's certificate serves.
 *
 * <p>The extended key usage separates two purposes of one authority. It is critical: a TLS stack that does not know the
 * sealing purpose must refuse the certificate. The certificates of QEMU and of the agent have the same usages, so each
 * has its own authority.
 */
public enum CertificatePurpose {
    /** The recipient of envelopes. */
    SEALING(
            "trustedlaunch.io/node-sealing",
            PublishedAuthority.NODES,
            List.of("key agreement"),
            KeyUsage.keyAgreement,
            // "Document encryption", a recipient of CMS. An identifier of our own would be below 2.25, and numbers
            // of that size are more than the API server's parser takes.
            KeyPurposeId.getInstance(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.80.1"))),
    /** Mutual TLS between agents. GnuTLS, which libvirt uses, warns without keyEncipherment. */
    AGENT(
            "trustedlaunch.io/node-agent",
            PublishedAuthority.NODES,
            List.of("digital signature", "key encipherment", "client auth", "server auth"),
            KeyUsage.digitalSignature | KeyUsage.keyEncipherment,
            KeyPurposeId.id_kp_clientAuth,
            KeyPurposeId.id_kp_serverAuth),
    /** QEMU's own TLS, for a guest's memory in a migration. QEMU's user, and an escaped guest, can read the key. */
    QEMU(
            "trustedlaunch.io/node-qemu",
            PublishedAuthority.QEMU,
            List.of("digital signature", "key encipherment", "client auth", "server auth"),
            KeyUsage.digitalSignature | KeyUsage.keyEncipherment,
            KeyPurposeId.id_kp_clientAuth,
            KeyPurposeId.id_kp_serverAuth);

    /** Limit of one node's open requests. Kubernetes removes those that are answered after an hour. */
    private static final int REQUESTS = 10;

    private final String signerName;
    private final String authority;
    private final List<String> usages;
    private final int keyUsage;
    private final List<KeyPurposeId> extendedKeyUsage;

    CertificatePurpose(
            String signerName, String authority, List<String> usages, int keyUsage, KeyPurposeId... extendedKeyUsage) {
        this.signerName = signerName;
        this.authority = authority;
        this.usages = usages;
        this.keyUsage = keyUsage;
        this.extendedKeyUsage = List.of(extendedKeyUsage);
    }

    public static Optional<CertificatePurpose> ofSigner(String signerName) {
        return Arrays.stream(values())
                .filter(purpose -> purpose.signerName.equals(signerName))
                .findFirst();
    }

    /** {@code spec.signerName} of a CertificateSigningRequest. */
    public String signerName() {
        return signerName;
    }

    /** The authority that issues such certificates: one of {@link PublishedAuthority}. */
    public String authority() {
        return authority;
    }

    /** {@code spec.usages} of a CertificateSigningRequest; Kubernetes has no name for document encryption. */
    public List<String> usages() {
        return usages;
    }

    /**
     * All names that a node's requests may have, so that there are no more; the chart's policy for agents has the same rule.
     * No two nodes share one.
     */
    public List<String> requestNames(String nodeName) {
        return IntStream.range(0, REQUESTS)
                .mapToObj(number -> "trusted-launch-" + label() + "-" + nodeName + "-" + number)
                .toList();
    }

    /** The form for names of files and objects. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    KeyUsage keyUsage() {
        return new KeyUsage(keyUsage);
    }

    ExtendedKeyUsage extendedKeyUsage() {
        return new ExtendedKeyUsage(extendedKeyUsage.toArray(KeyPurposeId[]::new));
    }
}
