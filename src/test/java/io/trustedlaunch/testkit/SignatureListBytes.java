package io.trustedlaunch.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** EFI_SIGNATURE_LISTs as they are in KEK, db and dbx. */
public final class SignatureListBytes {
    private static final String X509 = "a159c0a5e494a74a87b5ab155c2bf072";
    private static final String SHA256 = "2616c4c14c509240aca941f936934328";
    private static final int HEADER = 28;
    private static final int OWNER = 16;
    private static final int HASH = 32;

    private SignatureListBytes() {}

    public static byte[] certificate(byte[] der) {
        return list(X509, 1, der);
    }

    public static byte[] hashes(int number) {
        return list(SHA256, number, new byte[HASH]);
    }

    private static byte[] list(String type, int number, byte[] content) {
        int entry = OWNER + content.length;
        ByteBuffer list = ByteBuffer.allocate(HEADER + number * entry).order(ByteOrder.LITTLE_ENDIAN);
        list.put(HexFormat.of().parseHex(type))
                .putInt(list.capacity())
                .putInt(0)
                .putInt(entry);
        for (int i = 0; i < number; i++) {
            list.put(new byte[OWNER]).put(content);
        }
        return list.array();
    }

    /** With one of the lengths in the header changed. */
    public static byte[] with(byte[] list, int field, int value) {
        byte[] changed = list.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(field, value);
        return changed;
    }

    public static byte[] join(byte[]... lists) {
        ByteBuffer joined = ByteBuffer.allocate(
                Arrays.stream(lists).mapToInt(list -> list.length).sum());
        Arrays.stream(lists).forEach(joined::put);
        return joined.array();
    }
}
