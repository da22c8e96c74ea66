package io.trustedlaunch.agent.gueststate;

import io.trustedlaunch.custody.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The EFI_SIGNATURE_LISTs of KEK, db or dbx. They are not parsed beyond their lengths, and nothing is read from a malformed
 * list on: the guest may have written it.
 */
final class SignatureLists {
    /**
     * Microsoft's certificates by their SHA-256, from its repository secureboot_objects. No X.509 is parsed, and no other
     * certificate passes for one of these.
     */
    private static final Map<String, Integer> MICROSOFT = Map.of(
            // Microsoft Corporation KEK CA 2011
            "a1117f516a32cefcba3f2d1ace10a87972fd6bbe8fe0d0b996e09e65d802a503", 2011,
            // Microsoft Windows Production PCA 2011
            "e8e95f0733a55e8bad7be0a1413ee23c51fcea64b3c8fa6a786935fddcc71961", 2011,
            // Microsoft Corporation UEFI CA 2011
            "48e99b991f57fc52f76149599bff0a58c47154229b9f8d603ac40d3500248507", 2011,
            // Microsoft Corporation KEK 2K CA 2023
            "3cd3f0309edae228767a976dd40d9f4affc4fbd5218f2e8cc3c9dd97e8ac6f9d", 2023,
            // Windows UEFI CA 2023
            "076f1fea90ac29155ebf77c17682f75f1fdd1be196da302dc8461e350a9ae330", 2023,
            // Microsoft UEFI CA 2023
            "f6124e34125bee3fe6d79a574eaa7b91c0e7bd9d929c1a321178efd611dad901", 2023,
            // Microsoft Option ROM UEFI CA 2023
            "e5be3e64c6e66a281457ecdece0d6d0787577aad2a3a0144262c10c14ba8d8f1", 2023);

    private static final byte[] X509 = HexFormat.of().parseHex("a159c0a5e494a74a87b5ab155c2bf072");
    private static final int LIST_HEADER = 28;
    private static final int OWNER = 16;

    private final ByteBuffer lists;
    private final SortedSet<Integer> years = new TreeSet<>();
    private int entries;

    private SignatureLists(byte[] content) {
        this.lists = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; isWhole(at); at += lists.getInt(at + 16)) {
            read(at);
        }
    }

    static int entries(byte[] content) {
        return new SignatureLists(content).entries;
    }

    /** The years of Microsoft's certificates in the lists, in order. */
    static List<Integer> microsoftYears(byte[] content) {
        return List.copyOf(new SignatureLists(content).years);
    }

    private boolean isWhole(int at) {
        int rest = lists.capacity() - at;
        return rest >= LIST_HEADER
                && unsigned(at + 16) <= rest
                && unsigned(at + 20) <= unsigned(at + 16) - LIST_HEADER
                && unsigned(at + 24) > OWNER;
    }

    private void read(int at) {
        boolean certificates = Arrays.equals(lists.array(), at, at + X509.length, X509, 0, X509.length);
        long end = unsigned(at + 16) + at;
        long bytes = unsigned(at + 24);
        for (long entry = at + LIST_HEADER + unsigned(at + 20); entry + bytes <= end; entry += bytes) {
            entries++;
            if (certificates) {
                certificate(Arrays.copyOfRange(lists.array(), (int) entry + OWNER, (int) (entry + bytes)));
            }
        }
    }

    private void certificate(byte[] der) {
        Optional.ofNullable(MICROSOFT.get(Sha256.of(der))).ifPresent(years::add);
    }

    private long unsigned(int at) {
        return Integer.toUnsignedLong(lists.getInt(at));
    }
}
