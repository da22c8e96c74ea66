package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.image.RecordedImage;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The observed state of the VM.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the VM was seen
 * @param phase a summary for people; programs read the conditions
 * @param nodeName the node that owns the epoch; the working copy of the guest state is there
 * @param epoch number of the VM's current incarnation; counts up. It is reserved, together with the node, before the
 *     incarnation is created; only the incarnation with this epoch on this node may run the guest
 * @param image the image that the VM was created from
 * @param secureBoot in the newest guest state that was reported; absent until one was
 * @param networkInterfaces the network cards that the guest has, with their addresses; while the VM is off, those that its next
 *     start gives it
 * @param dataDisks the data disks that the VM has, or had when it ran last
 * @param removedDisks data disks that were removed, whose files are kept until the VM is deleted
 * @param primaryIP the first address of the guest that is not link-local
 * @param guest what the guest says of itself; its own word, which nothing verifies. Absent while the guest does not run, and until
 *     its guest agent has answered
 * @param conditions the conditions Ready, Running, RestartRequired, ImageEligible, Placed, Migratable, FailoverReady, SecureBoot
 *     and KeyHeld, VirtualizationBasedSecurity of a guest that runs and is to have it, and DiscsInserted of a VM with drives;
 *     Stalled or Reconciling while it is not as its spec requests
 * @param migration the last live migration, so that its epoch is never used twice
 * @param failover the last start on another node because the VM's node was proved dead; absent if there was none
 * @param restore the last restore of the VM from one of its backups; absent if there was none
 * @param unusedRestore a restore that completed before the last one began, and that the next start uses unless the last one
 *     completes; absent if there is none
 * @param diskFill the filling of the disks from a backup that the VM was started from at once; absent once they are whole
 * @param observedRestart value of the annotation trustedlaunch.io/restartedAt, at most its first 256 characters, when the
 *     epoch went on record; another value in the annotation requests a restart
 * @param charged what the VM counts for in the quotas of its namespace; absent until it has begun to take something
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record TrustedLaunchVMStatus(
        Long observedGeneration,
        Phase phase,
        @SelectableField @Size(max = 253) String nodeName,
        @Min(1) Long epoch,
        RecordedImage image,
        VTpm vTPM,
        GuestState guestState,
        SecureBootState secureBoot,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Interface.MAX)
        List<Interface> networkInterfaces,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = DataDisk.MAX)
        List<VmDisk> dataDisks,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = 32)
        List<VmDisk> removedDisks,

        @Size(max = Interface.MAX_ADDRESS) String primaryIP,
        GuestInfo guest,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions,
        Migration migration,
        Failover failover,
        Restore restore,
        Restore unusedRestore,
        Fill diskFill,

        @Size(max = TrustedLaunchVMStatus.MAX_RESTART) String observedRestart,
        Charge charged)
        implements Conditioned {
    public TrustedLaunchVMStatus {
        networkInterfaces = Lists.first(Interface.MAX, networkInterfaces);
        dataDisks = Lists.orEmpty(dataDisks);
        removedDisks = Lists.orEmpty(removedDisks);
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * Since these restores, which have not failed, what an incarnation of that epoch or an earlier one would start from is not the
     * VM any more, or may not be: it does not begin.
     */
    public Stream<Restore> restoresSince(long lastEpoch) {
        return Stream.of(restore, unusedRestore)
                .filter(Objects::nonNull)
                .filter(since -> since.outcome() != RestoreOutcome.Failed && since.afterEpoch() >= lastEpoch);
    }

    /** Characters of the annotation that count. */
    public static final int MAX_RESTART = 256;

    /**
     * The charge of a VM in the quotas of its namespace. It goes on record with the reservation of an epoch, or of a restore.
     *
     * @param cores number of virtual CPUs; absent while the VM is off
     * @param memory bytes of memory; absent while the VM is off
     * @param storage bytes of its disks
     * @param setAside bytes of the disks that restores have set aside, which stay in the VM's folder; absent if there are none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Charge(@Min(0) Integer cores, Quantity memory, Quantity storage, Quantity setAside) {}

    /** A summary of what the VM is doing. */
    public enum Phase {
        /** Waits for a node, or for what its start needs. */
        Pending,
        /** An incarnation is being prepared. */
        Starting,
        /** The guest runs. */
        Running,
        /** The guest runs and is being migrated. */
        Migrating,
        /** The guest is shutting down. */
        Stopping,
        /** The guest has ended, or is being stopped, and is started again. */
        Restarting,
        /** The agent of the VM's node is not alive, so the state of the guest is unknown. */
        AgentNotAlive,
        /** The VM's files are being put back to those of a backup. */
        Restoring,
        /** The VM is off, as its spec requests. */
        Halted,
        /** The guest shut itself down and is not started again. */
        Succeeded,
        /** The VM is being deleted. */
        Deleting
    }

    /**
     * The VM's last live migration.
     *
     * @param name name of the VMMigration
     * @param uid UID of the VMMigration
     * @param epoch the epoch reserved for the target; no other incarnation ever gets it
     * @param sourceNode the node that the guest leaves
     * @param targetNode the node that takes the guest over
     * @param outcome how it ended; absent while it is in progress, when epoch and nodeName of the VM are still the
     *     source's
     * @param reason why the guest stayed; only with Stayed
     * @param message why the guest stayed, for people; only with Stayed
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Migration(
            @Size(max = 253) String name,
            @Size(max = 36) String uid,
            @Min(1) Long epoch,
            @Size(max = 253) String sourceNode,
            @Size(max = 253) String targetNode,
            Outcome outcome,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message) {
        public Migration {
            message = Messages.bounded(message);
        }

        /** The record of a migration that has ended. */
        public Migration ended(Outcome how, String why, String explanation) {
            return TrustedLaunchVMStatusMigrationBuilder.builder(this)
                    .outcome(how)
                    .reason(why)
                    .message(explanation)
                    .build();
        }
    }

    /** How a migration ended. */
    public enum Outcome {
        /** The guest runs on the target. */
        Moved,
        /** The guest runs on the source. */
        Stayed
    }

    /**
     * The VM's TPM.
     *
     * @param ekDigest SHA-256 of the public area of the endorsement key (EK), the contents of its TPM2B_PUBLIC, lower-case
     *     hexadecimal
     * @param ekCertificate the EK's certificate, PEM, issued once by the cluster's authority for vTPMs, whose own
     *     certificate is in the ConfigMap trusted-launch-vtpm-ca. The certificate inside the guest's TPM is another one
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record VTpm(
            @Size(max = 64) String ekDigest,
            @Size(max = Messages.MAX_CERTIFICATES) String ekCertificate) {}

    /**
     * The record of the VM's guest state.
     *
     * @param newest the newest sealed state that was reported; while the guest runs, a newer one may be at home
     * @param sealTime when newest was sealed
     * @param lagMilliseconds milliseconds from the change of the working copy until newest was durable at home
     * @param floor the last claim or clean stop; nothing older is started from without an approval
     * @param approval the last approval that was used
     * @param lastWatched the last state before a change that no agent watched; absent after a clean stop of a later
     *     incarnation, or after a start from an approved state
     * @param home where the state is; absent until the VM has a TPM
     * @param libtpms version of the library that the TPM ran with last, as the node of home reported; an older one may not
     *     open the state. Absent if it is not known
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record GuestState(
            GuestStateVersion newest,
            String sealTime,
            Long lagMilliseconds,
            GuestStateVersion floor,
            Approval approval,
            GuestStateVersion lastWatched,
            Home home,
            @Size(max = 64) String libtpms) {}

    /**
     * A start on another node because the VM's node was proved dead.
     *
     * @param fence name of the NodeFence that proves it; the guest runs only if it still does
     * @param fromNode the node that was proved dead
     * @param fromEpoch the epoch that was there
     * @param toEpoch the epoch that follows
     * @param time when that epoch went on record
     * @param newest the newest guest state that node had reported: the VM starts from that, or a newer one; absent if there was
     *     none
     * @param sealTime when that state was sealed
     * @param lagMilliseconds milliseconds that a change of the TPM took to reach the VM's home, as reported last: what was
     *     changed later may be lost
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Failover(
            @Size(max = 253) String fence,
            @Size(max = 253) String fromNode,
            Long fromEpoch,
            Long toEpoch,
            @Size(max = Messages.MAX_TIME) String time,
            GuestStateVersion newest,
            String sealTime,
            Long lagMilliseconds) {}

    /**
     * A restore of the VM from one of its backups. While it has no outcome, no incarnation begins.
     *
     * @param uid name of its RestoreRun
     * @param backup the VMBackup, as it was when the restore began
     * @param location where the backup is
     * @param disks names of the only data disks that go back, in place; absent otherwise
     * @param dataDisks those that the VM has once it has ended; absent if disks are copied
     * @param guestState the guest state in the backup, which the next start uses; absent if only disks are copied, or go back
     * @param copyOf the VM that the disks are copied from; absent if the backup is this VM's own
     * @param startAtOnce the VM starts while its disks are filled; absent otherwise
     * @param approvedBy name of the user who approved it; absent if only disks are copied
     * @param nodeName the node that does it
     * @param storageLocation name of the StorageLocation in which the VM's folder is, or is made
     * @param afterEpoch the VM's epoch when it began: the next one starts from the backup
     * @param progressPercent percentage of the backup's files that was read; absent once it has ended
     * @param startTime when it began
     * @param completionTime when it ended; absent until then
     * @param outcome how it ended; absent while it is in progress
     * @param reason why nothing was restored; only with Failed
     * @param message why nothing was restored, for people; only with Failed
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Restore(
            @Size(max = 36) String uid,
            RecordedBackup backup,
            BackupRunSpec.Location location,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = 16)
            List<@Pattern(Schemas.DNS_LABEL) @Size(max = 32) String> disks,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = DataDisk.MAX)
            List<RecordedDisk> dataDisks,

            GuestStateVersion guestState,
            CloneSource copyOf,
            Boolean startAtOnce,
            @Size(max = 1024) String approvedBy,
            @Size(max = 253) String nodeName,
            @Size(max = 253) String storageLocation,
            Long afterEpoch,
            Integer progressPercent,
            String startTime,
            String completionTime,
            RestoreOutcome outcome,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message) {
        public Restore {
            disks = Lists.orEmpty(disks);
            dataDisks = Lists.orEmpty(dataDisks);
            startAtOnce = Boolean.TRUE.equals(startAtOnce) ? true : null;
            message = Messages.bounded(message);
        }

        /** The VM starts while its disks are filled. */
        public boolean startsAtOnce() {
            return startAtOnce != null;
        }

        /** Of some data disks alone: OS disk, TPM and UEFI variables stay, and so does all that is on record of them. */
        public boolean leavesGuestState() {
            return !disks.isEmpty();
        }

        /**
         * Identity of the VM that the backup is of.
         *
         * @param vm identity of the VM that is restored
         */
        public String sourceVm(String vm) {
            return copyOf == null ? vm : copyOf.uid();
        }
    }

    /**
     * The filling of the VM's disks from a backup that it was started from at once. Until it is over, the disks need the backup.
     *
     * @param uid of the restore that made the disks; name of the DiskFill
     * @param backup the VMBackup, as it was when the restore began
     * @param backupOf identity of the VM that the backup is of
     * @param location where the backup is
     * @param progressPercent percentage of the disks that is filled
     * @param startTime when the disks were made; RFC 3339, UTC
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Fill(
            @Required @Size(max = 36) String uid,
            @Required RecordedBackup backup,
            @Required @Size(max = 36) String backupOf,
            @Required BackupRunSpec.Location location,
            Integer progressPercent,
            @Size(max = Messages.MAX_TIME) String startTime) {}

    /** How a restore ended. */
    public enum RestoreOutcome {
        /** The VM's files are those of the backup. */
        Completed,
        /** The VM's files are as they were. */
        Failed
    }

    /**
     * Where the VM's disks and guest state are. An incarnation changes this when it claims the state and when it ends; one
     * whose guest never ran leaves it as it was.
     *
     * @param storageLocation name of the StorageLocation with the VM's folder
     * @param nodeName the node whose folder it is; nodes that are proved to share the location have it too
     * @param epoch epoch of the last incarnation that could let its guest run
     * @param complete all of the state is in the folder; otherwise that incarnation may have newer state on its node
     * @param cluster UID of the cluster that this epoch is of: another one, if the VM was recovered from it; absent if it is
     *     not known
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Home(
            @Size(max = 253) String storageLocation,
            @Size(max = 253) String nodeName,
            Long epoch,
            boolean complete,
            @Size(max = 36) String cluster) {}

    /**
     * An older state that was started from because a user approved it.
     *
     * @param version the approved state
     * @param approvedBy name of the user who approved it
     * @param approvalTime when it was used
     * @param forEpoch epoch of the incarnation that started from it
     * @param backup name of the VMBackup that it and the disks were restored from; absent if none was
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Approval(
            GuestStateVersion version,
            @Size(max = 1024) String approvedBy,
            String approvalTime,
            Long forEpoch,

            @Size(max = 253) String backup) {}

    /**
     * A network card of the guest.
     *
     * @param name its name in spec.networkInterfaces
     * @param macAddress its MAC address
     * @param ipAddresses the addresses that the guest uses there, at most 16
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Interface(
            @Size(max = 32) String name,
            @Size(max = 17) String macAddress,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Interface.MAX_ADDRESSES)
            List<@Size(max = Interface.MAX_ADDRESS) String> ipAddresses) {
        /** A VM has no more than that. */
        public static final int MAX = 8;

        /** Addresses of a card that are reported: the guest can report any number. */
        public static final int MAX_ADDRESSES = 16;

        static final int MAX_ADDRESS = 45;

        public Interface {
            ipAddresses = Lists.first(MAX_ADDRESSES, ipAddresses);
        }
    }
}
