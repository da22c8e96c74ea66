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
 * Whose TPM it is, in a certificate of its endorsement key.
 *
 * @param namespace of the VM, when the certificate was issued; so is {@code name}
 * @param identity the VM's UID, which stays when its state is taken over under another name
 */
public record EkSubject(String namespace, String name, String identity) {
    private static final ASN1ObjectIdentifier TCG_ATTRIBUTE = new ASN1ObjectIdentifier("2.23.133.2");

    /** What libtpms, the TPM in swtpm, answers to TPM2_GetCapability: TPM_PT_MANUFACTURER is "IBM". */
    private static final String MANUFACTURER = "id:49424D00";

    private static final String MODEL = "swtpm";

    /** TPM_PT_FIRMWARE_VERSION_1 of libtpms; the same in all of its releases. */
    private static final String VERSION = "id:20191023";

    /**
     * First what kind of TPM it is, in the attributes that the TCG EK Credential Profile demands; then whose. A URI has no
     * limit of length, as a common name has.
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
