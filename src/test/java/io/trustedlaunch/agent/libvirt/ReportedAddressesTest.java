package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.trustedlaunch.agent.hypervisor.IpAddress;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** On structures as libvirt lays them out; the guest agent's words are in them as they come. */
class ReportedAddressesTest {
    private static final String MAC = "52:54:00:00:00:01";
    private static final String OTHER = "52:54:00:00:00:02";

    /** Native memory is freed with the object that stands for it. */
    private final List<Memory> kept = new ArrayList<>();

    @Test
    void aGuestThatReportsThousandsOfAddressesHasTheFirstOfEachCard() {
        String[] many = IntStream.range(0, 2048)
                .mapToObj(i -> "10.1." + i / 256 + "." + i % 256)
                .toArray(String[]::new);

        List<IpAddress> found = usable(reported(MAC, many), reported(OTHER, many), reported(MAC, "10.2.0.1"));

        assertThat(found).hasSize(2 * Interface.MAX_ADDRESSES);
        assertThat(found).filteredOn(address -> address.mac().equals(MAC)).hasSize(Interface.MAX_ADDRESSES);
    }

    @Test
    void whatIsNoAddressIsPassedOverAndNeverLookedUp() {
        assertThat(texts(reported(
                        MAC,
                        "localhost",
                        "256.0.0.1",
                        "010.0.0",
                        "x".repeat(1_000_000),
                        "fe80::1%eth0",
                        "2001:db8::1%lo",
                        "1:2:3",
                        "",
                        "192.0.2.7",
                        "2001:db8::7")))
                .containsExactly("192.0.2.7", "2001:db8:0:0:0:0:0:7");
    }

    @Test
    void anInterfaceThatTheDomainDoesNotHaveOrWithoutAnAddressCountsForNothing() {
        assertThat(texts(reported("52:54:00:00:00:99", "192.0.2.1"), reported(MAC), reported(null, "192.0.2.2")))
                .isEmpty();
    }

    @Test
    void addressesAtWhichNobodyReachesTheGuestAreLeftOut() {
        assertThat(texts(reported(
                        MAC.toUpperCase(Locale.ROOT),
                        "127.0.0.1",
                        "::1",
                        "169.254.1.1",
                        "fe80::1",
                        "0.0.0.0",
                        "224.0.0.1",
                        "10.0.0.5")))
                .containsExactly("10.0.0.5");
    }

    private static List<IpAddress> usable(Pointer... interfaces) {
        return ReportedAddresses.usable(List.of(interfaces), Set.of(MAC, OTHER));
    }

    private static List<String> texts(Pointer... interfaces) {
        return usable(interfaces).stream().map(IpAddress::text).toList();
    }

    private Pointer reported(String mac, String... addresses) {
        int word = Native.POINTER_SIZE;
        Memory each = cleared(4L * word);
        each.setPointer(word, text(mac));
        each.setInt(2L * word, addresses.length);
        if (addresses.length > 0) {
            Memory list = cleared(3L * word * addresses.length);
            for (int i = 0; i < addresses.length; i++) {
                list.setPointer(3L * word * i + word, text(addresses[i]));
            }
            each.setPointer(3L * word, list);
        }
        return each;
    }

    private Pointer text(String text) {
        if (text == null) {
            return null;
        }
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Memory memory = cleared(bytes.length + 1L);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    private Memory cleared(long size) {
        Memory memory = new Memory(size);
        memory.clear();
        kept.add(memory);
        return memory;
    }
}
