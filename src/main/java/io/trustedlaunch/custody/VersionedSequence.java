package io.trustedlaunch.custody;

import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DERSequence;

/**
 * The content of an envelope: a version, and fields in a fixed order. There is one encoding of it.
 *
 * <pre>
 * Content ::= SEQUENCE { version INTEGER (1), … }
 * </pre>
 */
final class VersionedSequence {
    private static final BigInteger VERSION = BigInteger.ONE;

    private final ASN1Sequence sequence;

    private VersionedSequence(ASN1Sequence sequence) {
        this.sequence = sequence;
    }

    static byte[] encode(ASN1Encodable... fields) {
        List<ASN1Encodable> all = new ArrayList<>(List.of(fields));
        all.addFirst(new ASN1Integer(VERSION));
        try {
            return new DERSequence(all.toArray(ASN1Encodable[]::new)).getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new IllegalStateException("encoding in memory failed", e);
        }
    }

    /**
     * @param fields their number, without the version
     * @param encode of the same content, to be compared with
     * @throws IllegalArgumentException if it is another sequence, or not its one encoding
     */
    static <C> C decode(byte[] encoded, int fields, Function<VersionedSequence, C> read, Function<C, byte[]> encode) {
        ASN1Sequence sequence = ASN1Sequence.getInstance(encoded);
        if (sequence.size() != fields + 1
                || !ASN1Integer.getInstance(sequence.getObjectAt(0)).hasValue(VERSION)) {
            throw new IllegalArgumentException("not version " + VERSION + " of this kind of envelope's content");
        }
        C content = read.apply(new VersionedSequence(sequence));
        byte[] again = encode.apply(content);
        try {
            if (!Arrays.equals(again, encoded)) {
                throw new IllegalArgumentException("not the canonical encoding of an envelope's content");
            }
            return content;
        } finally {
            Arrays.fill(again, (byte) 0);
        }
    }

    /** @param field from 1 */
    String text(int field) {
        return text(sequence.getObjectAt(field));
    }

    List<String> texts(int field) {
        return Arrays.stream(
                        ASN1Sequence.getInstance(sequence.getObjectAt(field)).toArray())
                .map(VersionedSequence::text)
                .toList();
    }

    /** A copy, which its user wipes. */
    byte[] octets(int field) {
        return ASN1OctetString.getInstance(sequence.getObjectAt(field))
                .getOctets()
                .clone();
    }

    byte[] octets(int field, int length) {
        byte[] octets = octets(field);
        if (octets.length != length) {
            throw new IllegalArgumentException("a field has " + octets.length + " bytes, not " + length);
        }
        return octets;
    }

    long number(int field) {
        return ASN1Integer.getInstance(sequence.getObjectAt(field)).longValueExact();
    }

    /** The files' content by their names. */
    Map<String, byte[]> files(int field) {
        Map<String, byte[]> files = new HashMap<>();
        for (ASN1Encodable each : ASN1Sequence.getInstance(sequence.getObjectAt(field))) {
            ASN1Sequence file = ASN1Sequence.getInstance(each);
            files.put(
                    text(file.getObjectAt(0)),
                    ASN1OctetString.getInstance(file.getObjectAt(1)).getOctets());
        }
        return files;
    }

    private static String text(ASN1Encodable value) {
        return ASN1UTF8String.getInstance(value).getString();
    }
}
