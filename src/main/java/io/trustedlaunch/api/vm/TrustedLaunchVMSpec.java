package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.MapLists;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The virtual machine that should exist. The VM has a TPM once status.vTPM is there.
 *
 * @param runStrategy when the guest should run; default Always
 * @param imageRef the GuestImage that the OS disk is made from at the first start, or, if osDisk.source is Empty, the disc that the
 *     guest installs itself from; policies judge it. It cannot change once the VM has a TPM
 * @param securityProfile the security settings: Secure Boot and vTPM, which are always on, and what virtualization-based security
 *     in the guest needs; immutable
 * @param cores number of virtual CPUs; a change takes effect at the next start
 * @param memory bytes of memory, for example 8Gi; a change takes effect at the next start
 * @param storageLocationRef the StorageLocation with the VM's folder; default name default; cannot
 *     change once the VM has a TPM
 * @param dataDisks further disks; once the VM has a TPM, its next start adds and removes them, and the files of those that are
 *     removed are kept
 * @param discs drives for discs (CD, DVD), whose discs are changed and ejected while the guest runs; a drive comes or goes at the
 *     next start
 * @param deletedDisks ids of removed disks (status.removedDisks) whose files the next start deletes, for good
 * @param networkInterfaces the network cards; none by default; once the VM has a TPM, its next start adds, removes and changes
 *     them
 * @param screen VGA: a screen with keyboard and pointer; None: no screen. By default Windows has one, and Linux has none; a
 *     change takes effect at the next start
 * @param diskBus of all disks: SATA or VirtIO. By default Windows has SATA, and Linux has VirtIO; a change takes effect at the
 *     next start. Windows needs a driver for VirtIO first
 * @param networkModel of all network cards: E1000e or VirtIO. By default Windows has E1000e, and Linux has VirtIO; a change takes
 *     effect at the next start. Windows needs a driver for VirtIO first
 * @param guestConfig user data for the guest's first boot
 * @param nodeSelector labels that the Kubernetes Node must have; applies at the next start or migration
 * @param terminationGracePeriodSeconds seconds that a guest may take to shut down before its power is cut; default 120; a
 *     change takes effect at once, also for a guest that is shutting down
 * @param deletionPolicy what happens to key, disks and guest state when the VM is deleted; default Delete
 * @param restoreFrom the retained VM that this one takes over, or the backup that its disks are copied from; immutable
 * @param approveGuestState permits the next start to use an older guest state, because the newest cannot be used
 * @param approveRestore puts disks and guest state back to those of a backup before the next start; it is set while runStrategy
 *     is Halted
 * @param evictionStrategy what happens to the VM when its node is drained; default LiveMigrate
 * @param failoverStrategy what happens to the VM when its node was proved dead; default StartElsewhere
 * @param priorityClassName the Kubernetes PriorityClass: which VMs of a dead node start elsewhere first, and so get the room
 *     that is left; by default the cluster's default class
 * @param affinity rules about nodes and other VMs; applies at the next start or migration
 * @param tolerations taints of Kubernetes Nodes that do not keep the VM away; applies at the next start or migration
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@SchemaCustomizer(value = MapLists.class, input = "dataDisks=name,discs=name,networkInterfaces=name")
// Complements the rule of the field, which is not asked when the field comes or goes.
@ValidationRule(
        value = "has(self.restoreFrom) == has(oldSelf.restoreFrom)",
        fieldPath = ".restoreFrom",
        message = "restoreFrom is immutable: it is chosen at creation")
@ValidationRule(
        value =
                "!has(self.approveRestore) || (has(oldSelf.approveRestore) && self.approveRestore == oldSelf.approveRestore)"
                        + " || self.runStrategy == 'Halted'",
        fieldPath = ".approveRestore",
        message = "a restore takes a VM that is off: set runStrategy to Halted, too")
@RecordBuilder
public record TrustedLaunchVMSpec(
        @Default("Always") RunStrategy runStrategy,

        @Required ObjectRef imageRef,

        @Default("{}")
        @ValidationRule(
                value = "self == oldSelf",
                message = "securityProfile is immutable: it is chosen when the VM is created")
        SecurityProfile securityProfile,

        @Required @Min(1) @Max(512) Integer cores,

        @Required
        @ValidationRule(value = Schemas.MEMORY, message = "memory must be between 64Mi and 64Ti, for example 8Gi")
        Quantity memory,

        @Default("{\"name\":\"default\"}") ObjectRef storageLocationRef,

        @Required OsDisk osDisk,

        @Size(max = DataDisk.MAX) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<DataDisk> dataDisks,

        @Size(max = Disc.MAX) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<Disc> discs,

        @Size(max = 32)
        @ValidationRule(
                value = "self.all(id, self.exists_one(other, other == id))",
                message = "deletedDisks names a disk twice")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(DiskIdentity.PATTERN) @Size(min = 1, max = DiskIdentity.MAX_LENGTH) String> deletedDisks,

        @Size(max = 8)
        @ValidationRule(
                value = "self.all(a, !has(a.macAddress) || self.exists_one(b, has(b.macAddress)"
                        + " && b.macAddress.lowerAscii() == a.macAddress.lowerAscii()))",
                message = "two networkInterfaces have the same macAddress")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<NetworkInterface> networkInterfaces,

        ScreenModel screen,
        DiskBus diskBus,
        NetworkModel networkModel,
        GuestConfig guestConfig,

        @Size(max = 64) @ValidationRule(value = Schemas.LABEL_KEYS, message = Schemas.LABEL_KEYS_MESSAGE)
        Map<String, @Pattern(Schemas.LABEL_VALUE) @Size(max = 63) String> nodeSelector,

        @Default("120") @Min(1) @Max(3600) Integer terminationGracePeriodSeconds,
        @Default("Delete") DeletionPolicy deletionPolicy,

        @ValidationRule(value = "self == oldSelf", message = "restoreFrom is immutable: it is chosen at creation")
        RestoreFrom restoreFrom,

        ApprovedGuestState approveGuestState,
        ApprovedRestore approveRestore,
        @Default("LiveMigrate") EvictionStrategy evictionStrategy,
        @Default("StartElsewhere") FailoverStrategy failoverStrategy,
        @Size(max = 253) String priorityClassName,
        Affinity affinity,

        @Size(max = 32) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<Toleration> tolerations) {
    public TrustedLaunchVMSpec {
        dataDisks = Lists.orEmpty(dataDisks);
        discs = Lists.orEmpty(discs);
        deletedDisks = Lists.orEmpty(deletedDisks);
        networkInterfaces = Lists.orEmpty(networkInterfaces);
        tolerations = Lists.orEmpty(tolerations);
    }

    /** Empty if the guest's operating system decides. */
    public Optional<VirtualizationBasedSecurity> chosenVbs() {
        return Optional.ofNullable(securityProfile).map(SecurityProfile::virtualizationBasedSecurity);
    }
}
