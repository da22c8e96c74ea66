package io.trustedlaunch.custody;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.util.IPAddress;

/**
 * A node's identity in a certificate.
 *
 * <p>The common name is the identity, at its full length as in kubelet's certificates. The alternative names only say
 * where to reach it: the address is the one that the node's agent registered first, and may be another node's, so a
 * peer must compare the common name.
 */
public record NodeSubject(String nodeName, String address) {
    static final String ORGANIZATION = "trustedlaunch.io";

    private static final int MAX_NAME = 253;
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    public NodeSubject {
        if (!isDnsName(nodeName)) {
            throw new IllegalArgumentException("not a node name: " + nodeName);
        }
        if (!IPAddress.isValid(address) && !isDnsName(address)) {
            throw new IllegalArgumentException("neither an IP address nor a DNS name: " + address);
        }
    }

    private static boolean isDnsName(String name) {
        return name.length() <= MAX_NAME && DNS_NAME.matcher(name).matches();
    }

    X500Name distinguishedName() {
        return distinguishedName(nodeName);
    }

    static X500Name distinguishedName(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, ORGANIZATION)
                // As a value, not as text: the style refuses text of more than 64 characters.
                .addRDN(BCStyle.CN, new DERUTF8String(commonName))
                .build();
    }

    GeneralNames alternativeNames() {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.dNSName, nodeName));
        if (IPAddress.isValid(address)) {
            names.add(new GeneralName(GeneralName.iPAddress, address));
        } else if (!address.equals(nodeName)) {
            names.add(new GeneralName(GeneralName.dNSName, address));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }
}
