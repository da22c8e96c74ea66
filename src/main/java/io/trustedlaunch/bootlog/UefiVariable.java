package io.trustedlaunch.bootlog;

import static java.nio.charset.StandardCharsets.UTF_16LE;

import io.trustedlaunch.bootlog.Fact.SignatureDatabase;
import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A UEFI_VARIABLE_DATA of an event (TCG PC Client Platform Firmware Profile, section "Measuring UEFI Variables"), and the
 * EFI_SIGNATURE_LISTs in it (UEFI Specification, section "Signature Database").
 *
 * @param vendor its GUID as it is stored, in hex
 */
record UefiVariable(String vendor, String name, byte[] value) {
    static final String GLOBAL = "61dfe48bca93d211aa0d00e098032b8c";
    static final String IMAGE_SECURITY = "cbb219d73a3d9645a3bcdad00e67656f";
    static final String SHIM_LOCK = "50ab5d6046e00043abb63dd810dd8b23";

    private static final String X509 = "a159c0a5e494a74a87b5ab155c2bf072";
    private static final int GUID = 16;
    private static final int LIST_HEADER = 28;
    private static final int HASH = 32;
    private static final int MAX_NAME = 64;

    static UefiVariable parse(byte[] data) throws EventLogException {
        EventReader reader = new EventReader(data);
        String vendor = HexFormat.of().formatHex(reader.bytes(GUID));
        long characters = reader.length();
        long length = reader.length();
        reader.require(characters <= MAX_NAME, "a long name");
        String name = new String(reader.bytes(2 * characters), UTF_16LE);
        byte[] value = reader.bytes(length);
        reader.require(reader.atEnd(), "more than a variable");
        return new UefiVariable(vendor, name, value);
    }

    boolean is(String vendor, String name) {
        return this.vendor.equals(vendor) && this.name.equals(name);
    }

    SignatureDatabase signatures() throws EventLogException {
        List<String> certificates = new ArrayList<>();
        int hashes = 0;
        EventReader lists = new EventReader(value);
        while (!lists.atEnd()) {
            String type = HexFormat.of().formatHex(lists.bytes(GUID));
            long all = lists.uint32();
            long header = lists.uint32();
            long each = lists.uint32();
            lists.require(each > GUID && all >= LIST_HEADER + header, "a list that is no EFI_SIGNATURE_LIST");
            lists.bytes(header);
            EventReader entries = new EventReader(lists.bytes(all - LIST_HEADER - header));
            while (!entries.atEnd()) {
                entries.bytes(GUID);
                byte[] signature = entries.bytes(each - GUID);
                if (type.equals(X509)) {
                    certificates.add(Sha256.of(signature));
                } else {
                    hashes++;
                }
            }
        }
        return new SignatureDatabase(name, certificates, hashes);
    }

    /**
     * The SHA-256 of the authority in it. Firmware and shim measure the EFI_SIGNATURE_DATA, the certificate that is built into shim
     * was measured without an owner's GUID by old ones.
     */
    Optional<String> authority() {
        if (isCertificate(value)) {
            return Optional.of(Sha256.of(value));
        }
        if (value.length <= GUID) {
            return Optional.empty();
        }
        byte[] signature = Arrays.copyOfRange(value, GUID, value.length);
        if (isCertificate(signature)) {
            return Optional.of(Sha256.of(signature));
        }
        return signature.length == HASH ? Optional.of(HexFormat.of().formatHex(signature)) : Optional.empty();
    }

    /** A DER SEQUENCE with a length of two bytes that ends where the bytes do. */
    private static boolean isCertificate(byte[] der) {
        if (der.length < 4 || der[0] != 0x30 || der[1] != (byte) 0x82) {
            return false;
        }
        return (Byte.toUnsignedInt(der[2]) << Byte.SIZE | Byte.toUnsignedInt(der[3])) == der.length - 4;
    }
}
