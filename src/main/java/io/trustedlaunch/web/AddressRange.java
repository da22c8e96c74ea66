package io.trustedlaunch.web;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Who can reach an address. */
enum AddressRange {
    PUBLIC,
    /** Addresses of an organization's own networks. */
    PRIVATE,
    /** Addresses of the host itself or its link, where clouds offer credentials; or no address of a server at all. */
    LOCAL;

    static AddressRange of(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()) {
            return LOCAL;
        }
        byte[] bytes = address.getAddress();
        return address instanceof Inet4Address ? ofFour(bytes) : ofSixteen(bytes, address);
    }

    private static AddressRange ofFour(byte[] bytes) {
        int first = bytes[0] & 0xFF;
        int second = bytes[1] & 0xFF;
        if (first == 0 || first >= 240) {
            return LOCAL;
        }
        boolean ours = first == 10
                || (first == 172 && second >= 16 && second < 32)
                || (first == 192 && (second == 168 || (second == 0 && bytes[2] == 0)))
                // Addresses behind a provider's NAT.
                || (first == 100 && second >= 64 && second < 128)
                // Tests of networks.
                || (first == 198 && (second == 18 || second == 19));
        return ours ? PRIVATE : PUBLIC;
    }

    private static AddressRange ofSixteen(byte[] bytes, InetAddress address) {
        // Unique local: fc00::/7.
        if ((bytes[0] & 0xFE) == 0xFC || address.isSiteLocalAddress()) {
            return PRIVATE;
        }
        // NAT64 and 6to4 lead to an IPv4 address; an IPv4-compatible one is as good as mapped.
        if (startsWith(bytes, 0x00, 0x64, 0xFF, 0x9B) || startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) {
            return embedded(bytes, 12);
        }
        return startsWith(bytes, 0x20, 0x02) ? embedded(bytes, 2) : PUBLIC;
    }

    private static boolean startsWith(byte[] bytes, int... prefix) {
        for (int i = 0; i < prefix.length; i++) {
            if ((bytes[i] & 0xFF) != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    private static AddressRange embedded(byte[] bytes, int from) {
        try {
            return of(InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
