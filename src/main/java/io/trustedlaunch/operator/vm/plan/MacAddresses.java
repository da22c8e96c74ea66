package io.trustedlaunch.operator.vm.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** The permanent MAC addresses of a VM's network interfaces. */
public final class MacAddresses {
    private static final int LOCALLY_ADMINISTERED = 0x02;
    private static final int MULTICAST = 0x01;
    private static final int BYTES = 6;

    private MacAddresses() {}

    /**
     * A VM whose spec has an address in a network. Of several, one keeps it.
     *
     * @param last the incarnation of its epoch on record; empty if that is not there
     */
    public record Claim(TrustedLaunchVM vm, Optional<Incarnation> last, String network, String mac) {
        /** By an edit, no VM gets an address that another had with its guest, or was created with. */
        private static final Comparator<Claim> FIRST = Comparator.comparing(Claim::rank)
                .thenComparing(claim -> new VmObject(claim.vm).epoch() == 0)
                .thenComparing(claim -> claim.vm.getMetadata().getCreationTimestamp())
                .thenComparing(claim -> claim.vm.getMetadata().getUid());

        /** Two objects with one identity are not two VMs: a takeover settles that. */
        public boolean comesBefore(Claim other) {
            return !vm.identity().equals(other.vm.identity()) && FIRST.compare(this, other) < 0;
        }

        private Rank rank() {
            if (new VmObject(vm).ek().isEmpty()) {
                return Rank.CREATED;
            }
            return last.filter(incarnation -> incarnation.neverRan() || !isIn(incarnation))
                            .isEmpty()
                    ? Rank.HAD
                    : Rank.ADDED;
        }

        private boolean isIn(Incarnation incarnation) {
            return incarnation
                    .resource()
                    .getSpec()
                    .possibleNics()
                    .anyMatch(nic -> nic.network().equals(network) && nic.mac().equals(mac));
        }
    }

    private enum Rank {
        /** Its guest had it, or nothing says otherwise. */
        HAD,
        /** It has no TPM yet. */
        CREATED,
        /** Its guest had another card, or none. */
        ADDED
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
