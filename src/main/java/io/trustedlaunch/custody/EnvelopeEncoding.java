package io.trustedlaunch.custody;

import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * The plain text of an envelope, in DER: one content has one encoding, and {@code openssl asn1parse}
 * shows it in an emergency.
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), vmUid UTF8String, epoch INTEGER, nodeName UTF8String,
 *                        protectionKey OCTET STRING, files SEQUENCE OF File }   -- sorted by name
 * File    ::= SEQUENCE { name UTF8String, content OCTET STRING }
 * </pre>
 */
final class EnvelopeEncoding {
    private static final int FIELDS = 5;

    private EnvelopeEncoding() {}

    static byte[] encode(EnvelopeContent content) {
        return VersionedSequence.encode(
                new DERUTF8String(content.address().vmUid()),
                new ASN1Integer(content.address().epoch()),
                new DERUTF8String(content.address().nodeName()),
                new DEROctetString(content.protectionKey().bytes()),
                new DERSequence(new TreeMap<>(content.files())
                        .entrySet().stream().map(EnvelopeEncoding::file).toArray(ASN1Encodable[]::new)));
    }

    private static ASN1Encodable file(Map.Entry<String, byte[]> file) {
        return new DERSequence(
                new ASN1Encodable[] {new DERUTF8String(file.getKey()), new DEROctetString(file.getValue())});
    }

    /** @throws IllegalArgumentException for anything that {@link #encode} does not write */
    static EnvelopeContent decode(byte[] encoded) {
        return VersionedSequence.decode(
                encoded,
                FIELDS,
                content -> new EnvelopeContent(
                        new EnvelopeAddress(content.text(1), content.number(2), content.text(3)),
                        ProtectionKey.of(content.octets(4)),
                        content.files(5)),
                EnvelopeEncoding::encode);
    }
}
