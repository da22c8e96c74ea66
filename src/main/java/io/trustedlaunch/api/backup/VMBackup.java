package io.trustedlaunch.api.backup;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApiResource;
import java.time.Instant;
import java.util.Optional;

/**
 * A backup of one VM: its disks, its TPM and its UEFI variables of one instant, and its key. It is attempted once, or until
 * spec.startWithin has passed. Deleting it while it runs cancels it. The spec is immutable.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMBackup")
@Plural("vmbackups")
@Singular("vmbackup")
@ShortNames("tlbak")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Location", jsonPath = ".spec.locationRef.name")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Type", jsonPath = ".status.result.type")
@AdditionalPrinterColumn(
        name = "Percent",
        jsonPath = ".status.progressPercent",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Verified", jsonPath = ".status.conditions[?(@.type==\"Verified\")].status")
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.result.stored")
@AdditionalPrinterColumn(name = "Duration", jsonPath = ".status.duration")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Completed\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VMBackup extends ApiResource<VMBackupSpec, VMBackupStatus> implements Namespaced {
    /** Whether its status is final, but for what became of its files since. */
    public boolean hasEnded() {
        return status().map(VMBackupStatus::completionTime).isPresent();
    }

    /** Whether a run that makes it is on record; not between two attempts. */
    public boolean hasBegun() {
        return status().map(VMBackupStatus::backupUID).isPresent();
    }

    /** After a failed attempt that may be followed by another. */
    public Optional<VMBackupStatus.Retry> retry() {
        return status().map(VMBackupStatus::retry);
    }

    /** Whether a run was the last attempt that failed. Another one begins only after that run is gone. */
    public boolean hasGivenUp(BackupRun run) {
        return retry().map(VMBackupStatus.Retry::lastUID)
                .filter(run.getMetadata().getUid()::equals)
                .isPresent();
    }

    /** When it began, or was imported: never before it was created, whatever the clock said that was asked then. */
    public Instant begun() {
        Instant created = Instant.parse(getMetadata().getCreationTimestamp());
        Instant recorded = Instant.parse(getStatus().startTime());
        return recorded.isBefore(created) ? created : recorded;
    }

    /** Whether its files are in the store that the location means, however often that was created. */
    public boolean isIn(BackupLocation location) {
        return getSpec().locationRef().name().equals(location.getMetadata().getName())
                && status().map(VMBackupStatus::locationID)
                        .filter(location::isStore)
                        .isPresent();
    }

    public boolean isIn(VMBackupStatus.Phase phase) {
        return status().filter(status -> status.phase() == phase).isPresent();
    }

    /** Whether its files were made elsewhere: no run makes it. */
    public boolean wasImported() {
        return annotation(Api.IMPORTED_BACKUP).filter("true"::equals).isPresent();
    }

    /** The name of the schedule that made it; empty if it was made by hand. */
    public Optional<String> schedule() {
        return Optional.ofNullable(getMetadata().getLabels()).map(labels -> labels.get(Api.LABEL_BACKUP_SCHEDULE));
    }

    /** Whether its files stay, whatever its schedule keeps and whoever asks for their removal. */
    public boolean hasProtection() {
        return annotation(Api.PROTECTED_BACKUP).filter("true"::equals).isPresent();
    }

    /** Whether its files are to be removed, and then the object. It is not taken back once that has begun. */
    public boolean removalRequested() {
        return annotation(Api.REMOVE_BACKUP).filter("true"::equals).isPresent() || isIn(VMBackupStatus.Phase.Removing);
    }

    /** The request for a verification that was not carried out yet. */
    public Optional<String> pendingVerification() {
        return annotation(Api.VERIFY_BACKUP)
                .filter(request -> !request.equals(status().map(VMBackupStatus::verification)
                        .map(VMBackupStatus.Verification::request)
                        .orElse(null)));
    }

    private Optional<String> annotation(String key) {
        return Optional.ofNullable(getMetadata().getAnnotations()).map(annotations -> annotations.get(key));
    }

    /** Both are in one store by its ID, whatever their BackupLocations are called and wherever nodes have it mounted. */
    public boolean isInStoreOf(VMBackup other) {
        return status().map(VMBackupStatus::locationID)
                .filter(id -> other.status()
                        .map(VMBackupStatus::locationID)
                        .filter(id::equals)
                        .isPresent())
                .isPresent();
    }
}
