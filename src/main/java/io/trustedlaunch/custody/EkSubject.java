package io.trustedlaunch.custody;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * The VM that a TPM belongs to, in a certificate of its endorsement key.
 *
 * @param namespace of the VM at the time of issue, as {@code name}
 * @param identity the VM's UID, which stays the same when its state is restored under another name
 */
public record EkSubject(String namespace, String name, String identity) {
    private static final ASN1ObjectIdentifier TCG_ATTRIBUTE = new ASN1ObjectIdentifier("2.23.133.2");

    /** TPM_PT_MANUFACTURER of libtpms, the TPM in swtpm: "IBM". */
    private static final String MANUFACTURER = "id:49424D00";

    private static final String MODEL = "swtpm";

    /** TPM_PT_FIRMWARE_VERSION_1 of libtpms; the same in all of its releases. */
    private static final String VERSION = "id:20191023";

    /**
     * First the kind of TPM, in the attributes that the TCG EK Credential Profile requires; then the VM, in URIs, whose
     * length is not limited as that of a common name is.
     */
    GeneralNames alternativeNames() {
        return new GeneralNames(new GeneralName[] {
            new GeneralName(new X500Name(new RDN[] {
                attribute("1", MANUFACTURER), attribute("2", MODEL), attribute("3", VERSION),
            })),
            new GeneralName(GeneralName.uniformResourceIdentifier, "urn:uuid:" + identity),
            new GeneralName(
                    GeneralName.uniformResourceIdentifier,
                    "kubernetes:/apis/trustedlaunch.io/namespaces/" + namespace + "/trustedlaunchvms/" + name)
        });
    }

    public EkSubject {
        if (!Stream.of(namespace, name, identity).allMatch(EkSubject::fitsIntoUri)) {
            throw new IllegalArgumentException(
                    "a VM's namespace, name and UID are lower-case letters, digits, - and .");
        }
    }

    private static boolean fitsIntoUri(String part) {
        return part.getBytes(StandardCharsets.US_ASCII).length <= 253 && part.matches("[a-z0-9.-]+");
    }

    private static RDN attribute(String number, String value) {
        return new RDN(TCG_ATTRIBUTE.branch(number), new DERUTF8String(value));
    }
}
