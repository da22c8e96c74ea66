package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Addresses in libvirt's own structures. libvirt passes on what a guest agent reports, up to 2048 addresses for each of 2048
 * interfaces, and any text as an address: only what is kept becomes an object.
 */
final class ReportedAddresses {
    /** An IPv6 address with an IPv4 address in it. */
    private static final int MAX_TEXT = 45;

    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";

    /** Any other text is looked up as a name, or as the zone of an interface of this host. */
    private static final Pattern LITERAL = Pattern.compile(BYTE + "([.]" + BYTE + "){3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*");

    /** virDomainInterface: name, hwaddr, naddrs, addrs. */
    private static final long HARDWARE_ADDRESS = Native.POINTER_SIZE;

    private static final long COUNT = 2L * Native.POINTER_SIZE;
    private static final long ADDRESSES = 3L * Native.POINTER_SIZE;

    /** virDomainIPAddress: type, addr, prefix, each at the place of a pointer. */
    private static final long TEXT = Native.POINTER_SIZE;

    private static final long ADDRESS_SIZE = 3L * Native.POINTER_SIZE;

    private ReportedAddresses() {}

    /**
     * The first of each card, as far as they can be reached.
     *
     * @param interfaces each a virDomainInterface
     * @param macs of the domain's cards, in lower case
     */
    static List<IpAddress> usable(List<Pointer> interfaces, Set<String> macs) {
        Map<String, Set<IpAddress>> found = new LinkedHashMap<>();
        for (Pointer each : interfaces) {
            text(each.getPointer(HARDWARE_ADDRESS))
                    .map(mac -> mac.toLowerCase(Locale.ROOT))
                    .filter(macs::contains)
                    .ifPresent(mac -> collect(each, mac, found.computeIfAbsent(mac, key -> new LinkedHashSet<>())));
        }
        return found.values().stream().flatMap(Set::stream).toList();
    }

    private static void collect(Pointer from, String mac, Set<IpAddress> found) {
        int count = from.getInt(COUNT);
        Pointer addresses = from.getPointer(ADDRESSES);
        for (int i = 0; i < count && found.size() < Interface.MAX_ADDRESSES; i++) {
            text(addresses.getPointer(i * ADDRESS_SIZE + TEXT))
                    .flatMap(ReportedAddresses::literal)
                    .filter(ReportedAddresses::isReachable)
                    .ifPresent(address -> found.add(new IpAddress(mac, address)));
        }
    }

    /** Empty if it is longer than an address can be. */
    private static Optional<String> text(Pointer text) {
        if (text == null) {
            return Optional.empty();
        }
        long end = text.indexOf(0, (byte) 0);
        return end < 0 || end > MAX_TEXT
                ? Optional.empty()
                : Optional.of(new String(text.getByteArray(0, (int) end), StandardCharsets.US_ASCII));
    }

    private static Optional<InetAddress> literal(String text) {
        if (!LITERAL.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isReachable(InetAddress address) {
        return !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isAnyLocalAddress()
                && !address.isMulticastAddress();
    }
}
