package io.trustedlaunch.api.incarnation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.MapLists;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.node.VMNetworkSpec;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.DevicePlaces;
import io.trustedlaunch.api.vm.Disc;
import io.trustedlaunch.api.vm.DiskBus;
import io.trustedlaunch.api.vm.DiskBuses;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.api.vm.NetworkModel;
import io.trustedlaunch.api.vm.OsDiskSource;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.ScreenModel;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One incarnation of a VM on one node. Everything except desiredState, afterFences, terminationGracePeriodSeconds,
 * departure, arrival.left, approvedGuestState, escrow, envelope and devices is immutable.
 *
 * @param vmRef the VM
 * @param cluster UID of the cluster that the epoch is of, which the incarnation's states at home name
 * @param recoveredFrom the cluster that had the VM before this one, and whose states it may start from; absent if none had
 * @param epoch number of the incarnation; the VM's status names the one epoch and node that may run the guest
 * @param nodeName node whose agent carries it out
 * @param bootID the boot of that node that it is made for: in another boot it never runs
 * @param afterFences the NodeFences without which this incarnation would not have begun: its agent touches the VM's folder, and
 *     lets the guest run, only while each of them proves a node dead. For the VM's removal, those go that are not needed any more
 * @param lastFailover RFC 3339 time at which the VM was last given to another node because its node was proved dead; absent if
 *     that is long ago or never happened
 * @param desiredState what the agent brings about
 * @param terminationGracePeriodSeconds seconds from the shutdown request until the power is cut; a change counts at once
 * @param machine the virtual machine that the guest is started with
 * @param devices those that a guest which runs has instead of the machine's; absent until some are changed
 * @param firstStart a TPM may be made, because the record says that there never was one
 * @param diskFill name of the DiskFill without which the disks are not whole: they may need the backup that it serves, and no other
 *     file; absent if they are whole
 * @param ekDigest digest of the endorsement key on record, which must match before the guest runs; absent at the first start
 * @param guestStateFloor nothing older than this guest state is started from; absent at the first start
 * @param approvedGuestState an older guest state that a user has approved
 * @param escrow base64 of a CMS structure with key and manifest, sealed for the recovery certificate; absent without one
 * @param envelope base64 of a CMS structure with key and user data, sealed to the node; absent once the incarnation has
 *     ended
 * @param proof that the operator assigned this epoch to this node; the agent keeps it, and shows it to each new leader
 * @param arrival the guest that the incarnation takes over; absent unless it is the target of a migration
 * @param departure where the guest goes; absent unless it is the source of a migration
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMIncarnationSpec(
        @Required @ValidationRule(value = "self == oldSelf", message = "vmRef is immutable")
        VmRef vmRef,

        @Required @ValidationRule(value = "self == oldSelf", message = "cluster is immutable") @Size(min = 1, max = 36)
        String cluster,

        @ValidationRule(value = "self == oldSelf", message = "recoveredFrom is immutable")
        FormerCluster recoveredFrom,

        @Required @Min(1) @ValidationRule(value = "self == oldSelf", message = "epoch is immutable")
        Long epoch,

        @Required
        @SelectableField
        @ValidationRule(value = "self == oldSelf", message = "nodeName is immutable")
        @Size(min = 1, max = 253)
        String nodeName,

        @ValidationRule(value = "self == oldSelf", message = "bootID is immutable") @Size(max = 36)
        String bootID,

        @ValidationRule(
                value = "self.all(fence, fence in oldSelf)",
                message = "a NodeFence can be removed from afterFences, and none added")
        @Size(max = 64)
        List<@Size(max = 253) String> afterFences,

        @ValidationRule(value = "self == oldSelf", message = "lastFailover is immutable") @Size(max = 64)
        String lastFailover,

        @Required DesiredState desiredState,
        @Min(0) int terminationGracePeriodSeconds,

        @Required @ValidationRule(value = "self == oldSelf", message = "machine is immutable")
        Machine machine,

        @ValidationRule(
                value = "self == oldSelf || self.revision > oldSelf.revision",
                message = "a change of devices raises their revision")
        Devices devices,

        boolean firstStart,

        @Pattern(Schemas.UID)
        @Size(max = 36)
        @ValidationRule(value = "self == oldSelf", message = "diskFill is immutable")
        String diskFill,

        @Size(max = 64) String ekDigest,
        GuestStateVersion guestStateFloor,
        GuestStateVersion approvedGuestState,
        @Size(max = 1048576) String escrow,
        @Size(max = 1048576) String envelope,

        @Size(max = 83) @ValidationRule(value = "self == oldSelf", message = "proof is immutable")
        String proof,

        @ValidationRule(
                value = "self.epoch == oldSelf.epoch && self.nodeName == oldSelf.nodeName",
                message = "whose guest arrives is immutable")
        Arrival arrival,

        Departure departure) {

    public VMIncarnationSpec {
        afterFences = Lists.orEmpty(afterFences);
    }

    /** The machine with the devices that the guest has by now, or is being given. */
    public Machine machineNow() {
        return devices == null
                ? machine
                : VMIncarnationSpecMachineBuilder.builder(machine)
                        .osDiskSize(devices.osDiskSize())
                        .dataDisks(devices.dataDisks())
                        .removedDisks(devices.removedDisks())
                        .nics(devices.nics())
                        .discs(devices.discs())
                        .build();
    }

    /** The drives that its guest was started with, and as they are to be by now: it may hold a disc that is to be ejected. */
    public Stream<DiscDrive> possibleDiscs() {
        return Stream.concat(machine.discs().stream(), machineNow().discs().stream())
                .distinct();
    }

    /** The cards that its guest may have: one that was removed stays until the guest lets go of it. */
    public Stream<Nic> possibleNics() {
        return Stream.concat(machine.nics().stream(), machineNow().nics().stream())
                .distinct();
    }

    /**
     * A cluster that was lost, as the record of a VM that was recovered from it names it.
     *
     * @param cluster its UID
     * @param epoch the last one of that cluster whose states count; it may have given out later ones, if it was not lost
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FormerCluster(
            @Required @Size(min = 1, max = 36) String cluster,
            @Required @Min(1) Long epoch) {

        /**
         * UID of the cluster that an epoch of the VM is of.
         *
         * @param present of the one that has the VM now
         */
        public String clusterOf(long epoch, String present) {
            return epoch <= this.epoch ? cluster : present;
        }
    }

    /**
     * The guest that this incarnation takes over from another node; it never starts one itself.
     *
     * @param epoch epoch of the incarnation that the guest comes from
     * @param nodeName its node; only that node's agent is connected to this node's hypervisor
     * @param left the guest has left that node, as its agent has reported
     * @param copiesDisks the two nodes do not share the VM's folder, so disks and guest state are sent
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Arrival(
            @Required @Min(1) Long epoch,
            @Required @Size(min = 1, max = 253) String nodeName,
            boolean left,
            boolean copiesDisks) {}

    /**
     * Where the guest goes. Each epoch is attempted once; the agent's answer in the status is final.
     *
     * @param epoch epoch of the incarnation that takes the guest over
     * @param nodeName its node
     * @param address IP address or DNS name of that node
     * @param port TCP port of that node's agent
     * @param cancelled the guest should stay if it has not left yet
     * @param returned the guest has left, and will never run on that node: the VM continues from what it left here
     * @param copiesDisks that node does not share the VM's folder, so disks and guest state are sent
     * @param pace limits of the migration; by default any bandwidth, a pause of 2000 milliseconds and 5 passes
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Departure(
            @Required @Min(1) Long epoch,
            @Required @Size(min = 1, max = 253) String nodeName,
            @Required @Size(min = 1, max = 253) String address,
            int port,
            boolean cancelled,
            boolean returned,
            boolean copiesDisks,
            Pace pace) {}

    /**
     * Limits of a migration.
     *
     * @param bandwidthMebibytesPerSecond bandwidth in MiB per second; 0 means no limit
     * @param longestPauseMilliseconds milliseconds that the guest may pause for the last of its memory; shorter pauses are
     *     tried first
     * @param passesWithoutProgress passes over the guest's memory without progress after which a longer pause is allowed, or
     *     the migration is given up
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Pace(int bandwidthMebibytesPerSecond, int longestPauseMilliseconds, int passesWithoutProgress) {
        /** The chart has the same. */
        public static final Pace DEFAULT = new Pace(0, 2000, 5);
    }

    /**
     * The VM.
     *
     * @param namespace namespace of the TrustedLaunchVM
     * @param name name of the TrustedLaunchVM
     * @param uid the VM's identity, which names its key, folder, incarnations and domain
     * @param ownerUID UID of the TrustedLaunchVM, which must exist for the guest to run; absent if it is the same as uid
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VmRef(
            @Required @Size(min = 1, max = 63) String namespace,
            @Required @Size(min = 1, max = 253) String name,
            @Required @Size(min = 1, max = 36) String uid,
            @Size(max = 36) String ownerUID) {

        /** UID of the VM object. */
        public String owner() {
            return ownerUID == null ? uid : ownerUID;
        }
    }

    /** The requested state of the guest. */
    public enum DesiredState {
        /** The guest runs. */
        Running,
        /** The guest is shut down, and its state kept. */
        Stopped,
        /** The guest is shut down, and everything of the VM on the host and in its storage location is removed. */
        Erased
    }

    /**
     * The virtual machine.
     *
     * @param osType family of operating system, which decides the devices
     * @param cores number of virtual CPUs
     * @param memory bytes of memory
     * @param location the storage location with the VM's folder
     * @param image the image that the OS disk is made from, or the disc that the guest is installed from
     * @param osDiskSize bytes of the OS disk
     * @param osDiskSource Empty: a first start makes it with nothing on it; absent: from the image
     * @param dataDisks further disks
     * @param removedDisks disks that were removed, whose files are kept: the newest guest state may list them
     * @param deletedDisks identities of removed disks whose files its start deletes
     * @param nics network cards
     * @param discs drives for discs
     * @param screen absent: what machines of that osType have
     * @param diskBus of all disks; absent: what machines of that osType have
     * @param osDiskBus of the OS disk; absent: as all disks
     * @param networkModel of all network cards; absent: what machines of that osType have
     * @param virtualizationBasedSecurity absent: what machines of that osType have
     * @param enlightenedVmcs with the enlightenment evmcs, if it has nested virtualization of Intel and Hyper-V's enlightenments: all
     *     nodes that the guest may migrate to had it
     * @param places where its devices are, so that none moves because another is added or removed; those without one get what
     *     libvirt chooses. A machine that cannot have all of them there has none of them
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @SchemaCustomizer(value = MapLists.class, input = "places=device")
    @RecordBuilder
    public record Machine(
            @Required OsType osType,
            int cores,
            @Required Quantity memory,
            @Required Location location,
            @Required Image image,
            @Required Quantity osDiskSize,
            OsDiskSource osDiskSource,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Disk> dataDisks,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Machine.MAX_REMOVED)
            List<Disk> removedDisks,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Machine.MAX_REMOVED)
            List<@Size(max = DiskIdentity.MAX_LENGTH) String> deletedDisks,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Nic> nics,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Disc.MAX)
            List<DiscDrive> discs,

            ScreenModel screen,
            DiskBus diskBus,
            DiskBus osDiskBus,
            NetworkModel networkModel,
            VirtualizationBasedSecurity virtualizationBasedSecurity,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean enlightenedVmcs,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = DevicePlaces.MAX)
            List<DevicePlace> places) {
        /** More are not removed. */
        public static final int MAX_REMOVED = 32;

        public Machine {
            dataDisks = Lists.orEmpty(dataDisks);
            removedDisks = Lists.orEmpty(removedDisks);
            deletedDisks = Lists.orEmpty(deletedDisks);
            nics = Lists.orEmpty(nics);
            discs = Lists.orEmpty(discs);
            places = Lists.orEmpty(places);
        }

        public ScreenModel screenOrDefault() {
            return screen == null ? ScreenModel.ofOs(osType) : screen;
        }

        public DiskBuses diskBuses() {
            return DiskBuses.of(osType, diskBus, osDiskBus);
        }

        public NetworkModel networkModelOrDefault() {
            return networkModel == null ? NetworkModel.ofOs(osType) : networkModel;
        }

        public VirtualizationBasedSecurity virtualizationBasedSecurityOrDefault() {
            return virtualizationBasedSecurity == null
                    ? VirtualizationBasedSecurity.ofOs(osType)
                    : virtualizationBasedSecurity;
        }

        public long memoryBytes() {
            return ByteSize.of(memory);
        }

        /** The drives with the disc that the guest is installed from, whose OS disk a first start makes empty. */
        public Stream<DiscDrive> installationDrives() {
            return discs.stream()
                    .filter(drive -> osDiskSource == OsDiskSource.Empty
                            && drive.disc().filter(image::equals).isPresent());
        }

        public long osDiskBytes() {
            return ByteSize.of(osDiskSize);
        }
    }

    /**
     * All disks and cards of a guest that runs, after some of them were changed.
     *
     * @param revision counts the changes from 1; never falls
     * @param osDiskSize bytes of the OS disk
     * @param dataDisks further disks
     * @param removedDisks disks that were removed, whose files are kept
     * @param nics network cards
     * @param discs drives for discs: those of the machine, perhaps with other discs
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Devices(
            @Required @Min(1) Long revision,
            @Required Quantity osDiskSize,
            // An empty list is written, too: a merge patch without it would leave the one before.
            @JsonInclude(JsonInclude.Include.ALWAYS) List<Disk> dataDisks,

            @JsonInclude(JsonInclude.Include.ALWAYS) @Size(max = Machine.MAX_REMOVED)
            List<Disk> removedDisks,

            @JsonInclude(JsonInclude.Include.ALWAYS) List<Nic> nics,

            @JsonInclude(JsonInclude.Include.ALWAYS) @Size(max = Disc.MAX)
            List<DiscDrive> discs) {
        public Devices {
            discs = Lists.orEmpty(discs);
            dataDisks = Lists.orEmpty(dataDisks);
            removedDisks = Lists.orEmpty(removedDisks);
            nics = Lists.orEmpty(nics);
        }

        /** Those of a guest without drives for discs. */
        public Devices(
                Long revision, Quantity osDiskSize, List<Disk> dataDisks, List<Disk> removedDisks, List<Nic> nics) {
            this(revision, osDiskSize, dataDisks, removedDisks, nics, List.of());
        }
    }

    /**
     * The folder in which the VM has its own, named by its identity.
     *
     * @param name name of the StorageLocation
     * @param path absolute path of its folder
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(
            @Size(max = 253) String name, @Size(max = 512) String path) {}

    /**
     * The image that the OS disk is a copy of, or the disc that the guest was installed from.
     *
     * @param name name of the GuestImage
     * @param uid UID of the GuestImage, which names the verified copy that a first start makes the disk from; absent if the
     *     disk exists and the GuestImage does not
     * @param sha256 digest of the image, lower-case hexadecimal
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Image(
            @Size(max = 253) String name,
            @Size(max = 36) String uid,
            @Size(max = 64) String sha256) {}

    /**
     * A data disk.
     *
     * @param name name of the disk
     * @param size bytes of the disk
     * @param epoch the one that added it; absent if the VM was created with it
     * @param broughtBack a user has named it as one that was removed before: the newest guest state need not list it. Absent: none has
     * @param revision of the devices that added it to a guest that ran; absent if a start did
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Disk(
            @Size(max = 32) String name,
            @Required Quantity size,
            @Min(1) Long epoch,
            Boolean broughtBack,
            @Min(1) Long revision) {
        public Disk {
            broughtBack = Boolean.TRUE.equals(broughtBack) ? true : null;
        }

        /** One that the VM was created with. */
        public Disk(String name, Quantity size) {
            this(name, size, null, null);
        }

        /** One that a start has added. */
        public Disk(String name, Quantity size, Long epoch, Boolean broughtBack) {
            this(name, size, epoch, broughtBack, null);
        }

        /** @throws IllegalArgumentException if no disk has such a name */
        public DiskIdentity identity() {
            return new DiskIdentity(name, Optional.ofNullable(epoch));
        }

        /** Whether the newest guest state need not list it. */
        public boolean wasRemoved() {
            return broughtBack != null;
        }

        public long bytes() {
            return ByteSize.of(size);
        }

        public RecordedDisk recorded() {
            return new RecordedDisk(name, size, epoch);
        }
    }

    /**
     * A network card.
     *
     * @param name name of the card
     * @param network name of the libvirt network
     * @param mac MAC address, which never changes
     * @param trafficFilter libvirt network filter of the card, or None; if omitted, clean-traffic
     * @param linkState Down: the guest sees no carrier; absent: it sees one
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Nic(
            @Size(max = 32) String name,
            @Size(max = 63) String network,
            @Size(max = 17) String mac,
            @Size(max = 63) String trafficFilter,
            LinkState linkState) {
        public Nic {
            linkState = linkState == LinkState.Down ? linkState : null;
        }

        /** One that is connected. */
        public Nic(String name, String network, String mac, String trafficFilter) {
            this(name, network, mac, trafficFilter, null);
        }

        public LinkState link() {
            return linkState == null ? LinkState.Up : linkState;
        }

        /** Empty: the guest may send anything. */
        public Optional<String> filter() {
            return VMNetworkSpec.NO_FILTER.equals(trafficFilter)
                    ? Optional.empty()
                    : Optional.of(Optional.ofNullable(trafficFilter).orElse(VMNetworkSpec.CLEAN_TRAFFIC));
        }
    }
}
