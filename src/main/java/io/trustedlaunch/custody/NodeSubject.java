package io.trustedlaunch.custody;

import java.util.regex.Pattern;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/**
 * A node's identity in a certificate: its name, and nothing that it says of itself. Its address would be that of another node
 * if it said so.
 */
public record NodeSubject(String nodeName) {
    static final String ORGANIZATION = "trustedlaunch.io";

    private static final int MAX_NAME = 253;
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    public NodeSubject {
        if (nodeName.length() > MAX_NAME || !DNS_NAME.matcher(nodeName).matches()) {
            throw new IllegalArgumentException("not a node name: " + nodeName);
        }
    }

    X500Name distinguishedName() {
        return distinguishedName(nodeName);
    }

    static X500Name distinguishedName(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, ORGANIZATION)
                // A value, not text: the style refuses text of more than 64 characters.
                .addRDN(BCStyle.CN, new DERUTF8String(commonName))
                .build();
    }

    GeneralNames alternativeNames() {
        return new GeneralNames(new GeneralName(GeneralName.dNSName, nodeName));
    }
}
