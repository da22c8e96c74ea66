package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.RecordedImage;
import java.util.List;
import java.util.Objects;

/**
 * The record of a VM that was deleted and kept: JSON in the annotation {@code Api.RETAINED_VM} of its protection
 * key's Secret. A new VM takes it over with {@code spec.restoreFrom}. Nothing in it is secret.
 *
 * @param namespace the only one whose VMs may take this one over
 * @param namespaceUID of that namespace; absent if any of its name will do, as after the loss of a cluster
 * @param name that the VM had
 * @param uid its identity: names its key, folder, incarnations and domain, whichever VM object has it
 * @param objectUID UID of the VM object that had it last; the VM is not taken over while that object exists. Absent if it
 *     surely is gone
 * @param epoch of the last incarnation; the next has a higher one
 * @param osType absent if it is not known
 * @param image that the OS disk was made from; absent if it is not known, as of a VM that was adopted
 * @param vTPM absent if it is not known
 * @param guestState its {@code floor} is the oldest that the next incarnation may start from; its {@code home} is there
 * @param secureBoot as it was reported last; absent if it is not known
 * @param dataDisks never null
 * @param removedDisks those that were removed and are kept; never null
 * @param migration of the last live migration, whose epoch is never used again; absent if there was none
 * @param diskFill the filling of its disks from a backup, which they still need; absent if they are whole
 * @param setAside bytes of the disks that restores have set aside, which stay in the VM's folder; absent if there are none
 * @param places where its devices were in the machine of its last incarnation; never null, empty if they are not known
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@RecordBuilder
public record RetainedVMRecord(
        String namespace,
        String namespaceUID,
        String name,
        String uid,
        String objectUID,
        Long epoch,
        OsType osType,
        RecordedImage image,
        TrustedLaunchVMStatus.VTpm vTPM,
        TrustedLaunchVMStatus.GuestState guestState,
        SecureBootState secureBoot,
        OsDisk osDisk,
        List<RecordedDisk> dataDisks,
        List<RecordedDisk> removedDisks,
        TrustedLaunchVMStatus.Migration migration,
        TrustedLaunchVMStatus.Fill diskFill,
        Quantity setAside,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<DevicePlace> places) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public RetainedVMRecord {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(guestState, "guestState");
        Objects.requireNonNull(guestState.home(), "guestState.home");
        Objects.requireNonNull(osDisk, "osDisk");
        dataDisks = dataDisks == null ? List.of() : List.copyOf(dataDisks);
        places = Lists.orEmpty(places);
        removedDisks = removedDisks == null ? List.of() : List.copyOf(removedDisks);
    }

    /** Where the VM's state is. */
    public TrustedLaunchVMStatus.Home home() {
        return guestState.home();
    }

    /** The VM may have run since: it is not known whether all of its state is at home. */
    public RetainedVMRecord inDoubt() {
        return RetainedVMRecordBuilder.builder(this)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder(guestState)
                        .home(new TrustedLaunchVMStatus.Home(
                                home().storageLocation(), home().nodeName(), home().epoch(), false, home().cluster()))
                        .build())
                .build();
    }

    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record is always written", e);
        }
    }

    /** @throws IllegalArgumentException if it is not JSON of this form, or something is missing; says what */
    public static RetainedVMRecord parse(String json) {
        try {
            RetainedVMRecord record = JSON.readValue(json, RetainedVMRecord.class);
            if (record == null) {
                throw new IllegalArgumentException("it is empty");
            }
            return record;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }
}
