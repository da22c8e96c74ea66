package io.trustedlaunch.custody;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTF8String;
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
    private static final BigInteger VERSION = BigInteger.ONE;
    private static final int FIELDS = 6;

    private EnvelopeEncoding() {}

    static byte[] encode(EnvelopeContent content) {
        ASN1EncodableVector files = new ASN1EncodableVector();
        new TreeMap<>(content.files())
                .forEach((name, file) -> files.add(
                        new DERSequence(new ASN1Encodable[] {new DERUTF8String(name), new DEROctetString(file)})));
        DERSequence sequence = new DERSequence(new ASN1Encodable[] {
            new ASN1Integer(VERSION),
            new DERUTF8String(content.address().vmUid()),
            new ASN1Integer(content.address().epoch()),
            new DERUTF8String(content.address().nodeName()),
            new DEROctetString(content.protectionKey().bytes()),
            new DERSequence(files)
        });
        try {
            return sequence.getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /** @throws IllegalArgumentException for anything that {@link #encode} does not write */
    static EnvelopeContent decode(byte[] encoded) {
        ASN1Sequence sequence = ASN1Sequence.getInstance(encoded);
        if (sequence.size() != FIELDS
                || !ASN1Integer.getInstance(sequence.getObjectAt(0)).hasValue(VERSION)) {
            throw new IllegalArgumentException("not version " + VERSION + " of an envelope's content");
        }
        EnvelopeAddress address = new EnvelopeAddress(
                text(sequence.getObjectAt(1)),
                ASN1Integer.getInstance(sequence.getObjectAt(2)).longValueExact(),
                text(sequence.getObjectAt(3)));
        Map<String, byte[]> files = new HashMap<>();
        for (ASN1Encodable each : ASN1Sequence.getInstance(sequence.getObjectAt(5))) {
            ASN1Sequence file = ASN1Sequence.getInstance(each);
            files.put(text(file.getObjectAt(0)), octets(file.getObjectAt(1)));
        }
        EnvelopeContent content =
                new EnvelopeContent(address, ProtectionKey.of(octets(sequence.getObjectAt(4))), files);
        if (!Arrays.equals(encode(content), encoded)) {
            throw new IllegalArgumentException("not the canonical encoding of an envelope's content");
        }
        return content;
    }

    private static String text(ASN1Encodable value) {
        return ASN1UTF8String.getInstance(value).getString();
    }

    private static byte[] octets(ASN1Encodable value) {
        return ASN1OctetString.getInstance(value).getOctets();
    }
}
