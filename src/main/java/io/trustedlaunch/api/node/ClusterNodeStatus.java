package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.incarnation.IncarnationFields;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The agent's report about its host.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the agent has reported
 * @param address IP address or DNS name in use: spec.address, or else what the agent found first
 * @param capabilities what the host can do; each was tested
 * @param virtualization whether guests can use virtualization-based security; absent until the agent knows
 * @param capacity cores and memory of the host
 * @param versions versions of the software on the host
 * @param incarnationFields fields of VMIncarnation.spec that the agent knows, and the values of those with a fixed set of
 *     values; the operator gives the node no VM that uses another one
 * @param networks names of the libvirt networks that VMs can be attached to
 * @param storageLocations the storage locations on the host
 * @param backupFolders the folders of BackupLocations on the host
 * @param sealingCertificate certificate that confidential data for the node is sealed to, PEM
 * @param answer the agent's answer to the last leader of the operator that it saw; absent until it saw one
 * @param conditions the conditions HostReady, of the agent, and Ready, Enrolled, Drained, MachineConfirmed and MemoryReserved, of
 *     the operator;
 *     Stalled or Reconciling while it is not as its spec requests
 * @param migrationPort TCP port of the agent for live migrations; absent while it takes no part in them
 * @param consolePort TCP port of the agent for consoles; absent while it offers none
 * @param consoleKinds kinds of VMConsole that the agent serves; absent: Serial
 * @param machineUUID UUID of the host's machine, as its agent reports it; spec.machineUUID is the one that counts
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record ClusterNodeStatus(
        Long observedGeneration,

        @Size(max = 253) @ValidationRule(value = Schemas.ADDRESS, message = Schemas.ADDRESS_MESSAGE)
        String address,

        Capabilities capabilities,
        NodeVirtualization virtualization,
        Capacity capacity,
        Versions versions,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = 1024)
        List<@Size(max = 256) String> incarnationFields,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = ClusterNodeStatus.MAX_NETWORKS)
        List<@Size(max = 253) String> networks,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = ClusterNodeStatus.MAX_LOCATIONS)
        List<Location> storageLocations,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = ClusterNodeStatus.MAX_LOCATIONS)
        List<BackupFolder> backupFolders,

        @Size(max = Messages.MAX_CERTIFICATES) String sealingCertificate,
        Answer answer,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions,
        Integer migrationPort,
        Integer consolePort,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = 16)
        List<@Size(max = 63) String> consoleKinds,

        @Size(max = 64) String machineUUID)
        implements Conditioned {
    public ClusterNodeStatus {
        incarnationFields = IncarnationFields.shared(Lists.orEmpty(incarnationFields));
        networks = Lists.first(
                MAX_NETWORKS,
                Lists.orEmpty(networks).stream()
                        .filter(name -> name.length() <= 253)
                        .toList());
        storageLocations = Lists.first(MAX_LOCATIONS, storageLocations);
        backupFolders = Lists.first(MAX_LOCATIONS, backupFolders);
        conditions = Lists.orEmpty(conditions);
        consoleKinds = Lists.orEmpty(consoleKinds);
    }

    private static final int MAX_NETWORKS = 512;
    private static final int MAX_LOCATIONS = 128;

    public Optional<Answer> toLeader(String identity) {
        return Optional.ofNullable(answer).filter(given -> given.isTo(identity));
    }

    /** The agent's last report counts. */
    public boolean isNotReadyFor(Reason reason) {
        return ConditionType.HostReady.in(conditions)
                .filter(ready -> ready.getReason().equals(reason.name()))
                .filter(ready -> !ready.getStatus().equals("True"))
                .isPresent();
    }

    /**
     * The features of the host; each was tested.
     *
     * @param vTPM an encrypted TPM can be made, and its endorsement key read
     * @param secureBoot libvirt offers firmware with Secure Boot and enrolled keys
     * @param hardwareVirtualization KVM works
     * @param emulation the agent may run VMs without KVM
     * @param virtualizationBasedSecurity nested virtualization, which virtualization-based security needs, was seen to work; see
     *     status.virtualization
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Capabilities(
            boolean vTPM,
            boolean secureBoot,
            boolean hardwareVirtualization,
            boolean emulation,
            boolean virtualizationBasedSecurity) {}

    /**
     * The resources of the host.
     *
     * @param cores number of logical processors
     * @param memory bytes of memory
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Capacity(int cores, Quantity memory) {}

    /**
     * Versions of the software on the host.
     *
     * @param agent version of the agent
     * @param libvirt version of the libvirt daemon
     * @param qemu version of QEMU
     * @param swtpm version of swtpm
     * @param libtpms version of the library that is the TPM in swtpm; absent if the agent cannot find it out
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Versions(
            @Size(max = Messages.MAX_VERSION) String agent,
            @Size(max = Messages.MAX_VERSION) String libvirt,
            @Size(max = Messages.MAX_VERSION) String qemu,
            @Size(max = Messages.MAX_VERSION) String swtpm,
            @Size(max = Messages.MAX_VERSION) String libtpms) {
        public Versions {
            agent = Messages.bounded(agent, Messages.MAX_VERSION);
            libvirt = Messages.bounded(libvirt, Messages.MAX_VERSION);
            qemu = Messages.bounded(qemu, Messages.MAX_VERSION);
            swtpm = Messages.bounded(swtpm, Messages.MAX_VERSION);
            libtpms = Messages.bounded(libtpms, Messages.MAX_VERSION);
        }
    }

    /**
     * A storage location on this host.
     *
     * @param name name of the StorageLocation
     * @param ready the folder is there, restricted, and can be written
     * @param reason why it is not ready; only then
     * @param message why it is not ready, for people
     * @param freeSpace free bytes, rounded; refreshed when it is wrong by a tenth
     * @param token what the agent writes into its beacon in the location; who reads it has the same folder
     * @param peers agents whose beacons in the location change, as read here; of many only those nearest by name
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Location(
            @Size(max = 253) String name,
            boolean ready,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message,
            Quantity freeSpace,
            @Size(max = 64) String token,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Location.MAX_PEERS)
            List<Peer> peers) {
        private static final int MAX_PEERS = 16;

        public Location {
            message = Messages.bounded(message);
            peers = Lists.first(MAX_PEERS, peers);
        }
    }

    /**
     * The folder of a BackupLocation on this host.
     *
     * @param name name of the BackupLocation
     * @param markerID ID of the marker there; absent if none was found
     * @param reason why none was found; only then
     * @param message why none was found, for people
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record BackupFolder(
            @Size(max = 253) String name,
            @Pattern(Schemas.UID) @Size(max = 36) String markerID,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message) {
        public BackupFolder {
            message = Messages.bounded(message);
        }

        public static BackupFolder marked(String name, UUID id) {
            return new BackupFolder(name, id.toString(), null, null);
        }

        public static BackupFolder unmarked(String name, Problem problem) {
            return new BackupFolder(name, null, problem.reason().name(), problem.message());
        }
    }

    /**
     * Another node's agent, as its beacon names it; a claim until its own status confirms it.
     *
     * @param nodeName name of its ClusterNode
     * @param token token in its beacon
     * @param lockSeen whether a lock that it holds in the location is seen on this host; absent until that was tested
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Peer(
            @Size(max = 253) String nodeName,
            @Size(max = 64) String token,
            Boolean lockSeen) {
        /** Its lock was not tested yet. */
        public Peer(String nodeName, String token) {
            this(nodeName, token, null);
        }
    }

    /**
     * An agent's answer to a new leader of the operator. It is written as a whole, once for each leader in each boot of the
     * host; the incarnations say what happened since.
     *
     * @param leader holder identity in the operator's Lease that this answers: each process of the operator has another one,
     *     which is evidence that the answer is not from a backup
     * @param bootID the boot of the host in which the agent answered, as it names it: incarnations are made for this boot, and
     *     a NodeFence counts only if it is about it
     * @param mark the last mark on the operator's Lease that was raised while the agent watched: evidence of whether the API
     *     server's data is older than that; absent if it saw none
     * @param domains the VMs that had something on the host, each with its latest epoch: evidence of incarnations that
     *     restored data does not have; absent while the hypervisor cannot be asked
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Answer(
            @Required @Size(max = 253) String leader,
            @Required @Size(min = 1, max = 36) String bootID,
            @Size(max = 128) String mark,
            @Size(max = 4096) List<Domain> domains) {
        public boolean isTo(String other) {
            return other.equals(leader);
        }

        /** It names the VMs on the host. */
        public boolean hasListed() {
            return domains != null;
        }
    }

    /**
     * A VM that has a domain or kept state on the host.
     *
     * @param vmUID the VM's identity
     * @param epoch its latest epoch on the host
     * @param proof what the operator gave the node with that incarnation; without it, the report counts for nothing that the
     *     operator does not know
     * @param arrival of a guest that was not resumed here; absent: the epoch may have run here
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Domain(
            @Size(max = 36) String vmUID,
            long epoch,
            @Size(max = 83) String proof,
            PendingArrival arrival) {}

    /**
     * A guest that is paused on this node after a migration.
     *
     * @param sourceEpoch its epoch on the node that it came from
     * @param left whether that node's agent has confirmed that it has left for good
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PendingArrival(long sourceEpoch, boolean left) {}
}
