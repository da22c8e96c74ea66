package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * One life of one VM on one node. Everything but {@code desiredState}, {@code departure}, {@code arrival.left},
 * {@code approvedGuestState} and what is sealed is fixed when it is made.
 *
 * @param epoch this life's number; the VM's status names the one epoch and node that may run the guest
 * @param desiredState what the agent brings about
 * @param firstStart a TPM may be manufactured, since the record says that there never was one (I3)
 * @param ekDigest the EK on record, that must be found again before the guest runs (I6); absent at the first start
 * @param guestStateFloor no guest state older than this one is started from (I2); absent at the first start
 * @param approvedGuestState the one older state that the user has approved, for want of a newer one that opens
 * @param escrow base64 of a CMS structure that only the holder of the recovery key opens: key and manifest, to lie in the
 *     VM's folder before the guest runs; absent without a recovery certificate
 * @param arrival for a life that takes a guest over from another node
 * @param departure for a life whose guest is to move on
 * @param envelope base64 of a CMS structure sealed to the node: key and user data. Absent once the life has ended
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMIncarnationSpec(
        @Required @ValidationRule(value = "self == oldSelf", message = "vmRef is immutable")
        VmRef vmRef,

        @Required @Min(1) @ValidationRule(value = "self == oldSelf", message = "epoch is immutable")
        Long epoch,

        @Required @SelectableField @ValidationRule(value = "self == oldSelf", message = "nodeName is immutable")
        String nodeName,

        @Required DesiredState desiredState,

        @Required @ValidationRule(value = "self == oldSelf", message = "machine is immutable")
        Machine machine,

        boolean firstStart,
        String ekDigest,
        GuestStateVersion guestStateFloor,
        GuestStateVersion approvedGuestState,
        String escrow,
        String envelope,

        @ValidationRule(
                value = "self.epoch == oldSelf.epoch && self.nodeName == oldSelf.nodeName",
                message = "whose guest arrives is immutable")
        Arrival arrival,

        Departure departure) {

    /**
     * This life takes over a guest that runs elsewhere: it never starts one of its own.
     *
     * @param epoch the life that the guest comes from
     * @param nodeName where that is; only that node's agent gets through to this one's hypervisor
     * @param left the guest has left there: its agent has said so, or its node is fenced. What the agent there says by
     *     itself, over mutual TLS, counts as much
     * @param copiesDisks the two nodes do not have one folder: its disks come with it, and its guest state is brought
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Arrival(
            @Required @Min(1) Long epoch, @Required String nodeName, boolean left, boolean copiesDisks) {}

    /**
     * The guest is to move on, and what it runs as there. One try for an epoch: the agent's answer, in {@link
     * VMIncarnationStatus.Departure}, is final.
     *
     * @param epoch the life that takes it over
     * @param address where the other node is reached: its certificates name it
     * @param port of the other node's agent
     * @param cancelled the guest is to stay, if it has not left yet
     * @param copiesDisks the other node does not have the VM's folder: disks and guest state are to be brought there
     * @param pace absent: {@link Pace#DEFAULT}
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Departure(
            @Required @Min(1) Long epoch,
            @Required String nodeName,
            @Required String address,
            int port,
            boolean cancelled,
            boolean copiesDisks,
            Pace pace) {}

    /**
     * What a guest that moves may cost, and when it is given up that its memory gets there faster than it changes.
     *
     * @param bandwidthMebibytesPerSecond at most; 0: as much as the link bears
     * @param longestPauseMilliseconds for how long the guest may stand still at most for the last of its memory. It begins
     *     with less, and comes to this step by step
     * @param passesWithoutProgress over the guest's memory, after each of these steps
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Pace(int bandwidthMebibytesPerSecond, int longestPauseMilliseconds, int passesWithoutProgress) {
        /** As the chart has it. */
        public static final Pace DEFAULT = new Pace(0, 2000, 5);
    }

    /**
     * The VM whose life this is.
     *
     * @param uid the VM's identity: names its key, folder, incarnations and domain
     * @param ownerUID UID of the VM object, which must be there under that name for the guest to be let run; absent
     *     where it is {@code uid}, which only a VM that took over a retained one does not have
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VmRef(
            @Required String namespace,
            @Required String name,
            @Required String uid,
            String ownerUID) {

        /** UID of the VM object. */
        public String owner() {
            return ownerUID == null ? uid : ownerUID;
        }
    }

    /** What is to become of the guest. */
    public enum DesiredState {
        Running,
        /** Shut down, and its state kept. */
        Stopped,
        /** Shut down, and all that it left on the host and in its location removed. */
        Erased
    }

    /**
     * The machine to build.
     *
     * @param memoryBytes bytes of guest memory
     * @param shutdownGracePeriodSeconds from the shutdown request until the power is cut
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Machine(
            @Required OsType osType,
            int cores,
            long memoryBytes,
            @Required Location location,
            @Required Image image,
            long osDiskBytes,
            List<Disk> dataDisks,
            List<Nic> nics,
            int shutdownGracePeriodSeconds) {}

    /** The folder below which the VM has its own, named by its UID. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(String name, String path) {}

    /**
     * The image that the OS disk is a copy of.
     *
     * @param uid names the verified copy in the VM's location that a first start makes the disk from; absent where there
     *     is a disk already, and no GuestImage any more
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(String name, String uid, String sha256) {}

    /** A data disk. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Disk(String name, long bytes) {}

    /** A network card with its lasting address. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Nic(String name, String network, String mac) {}
}
