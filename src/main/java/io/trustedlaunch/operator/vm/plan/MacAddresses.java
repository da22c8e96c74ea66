package io.trustedlaunch.operator.vm.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;

/** The permanent MAC addresses of a VM's network interfaces. */
public final class MacAddresses {
    private static final int LOCALLY_ADMINISTERED = 0x02;
    private static final int MULTICAST = 0x01;
    private static final int BYTES = 6;

    /** The cards of a VM with a TPM never change, so that no VM gets an address by an edit that another runs with. */
    private static final Comparator<TrustedLaunchVM> FIRST = Comparator.comparing(
                    (TrustedLaunchVM vm) -> new VmObject(vm).ek().isEmpty())
            .thenComparing(vm -> new VmObject(vm).epoch() == 0)
            .thenComparing(vm -> vm.getMetadata().getCreationTimestamp())
            .thenComparing(vm -> vm.getMetadata().getUid());

    private MacAddresses() {}

    /**
     * Which of two VMs with the same address in one network keeps it. Two objects with one identity are not two VMs: a
     * takeover settles that.
     */
    public static boolean hadItFirst(TrustedLaunchVM one, TrustedLaunchVM other) {
        return !one.identity().equals(other.identity()) && FIRST.compare(one, other) < 0;
    }

    /** The address in the spec, or 46 bits derived from the VM's UID and the interface's name. */
    public static String of(String vmUid, NetworkInterface nic) {
        if (nic.macAddress() != null) {
            return nic.macAddress().toLowerCase(Locale.ROOT);
        }
        byte[] digest = HexFormat.of().parseHex(Sha256.of((vmUid + "/" + nic.name()).getBytes(UTF_8)));
        digest[0] = (byte) ((digest[0] & ~MULTICAST) | LOCALLY_ADMINISTERED);
        return HexFormat.ofDelimiter(":").formatHex(digest, 0, BYTES);
    }
}
