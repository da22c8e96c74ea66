package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;

/**
 * Which VM is saved, and where.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param locationRef a BackupLocation
 * @param mode how much is saved
 * @param quiesce whether the guest agent is asked to freeze the guest's file systems for a moment
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a VMBackup is immutable: create another")
public record VMBackupSpec(
        @Required ObjectRef vmRef,
        @Required ObjectRef locationRef,
        @Default("Auto") BackupMode mode,
        @Default("BestEffort") Quiesce quiesce) {
    public VMBackupSpec {
        mode = mode == null ? BackupMode.Auto : mode;
        quiesce = quiesce == null ? Quiesce.BestEffort : quiesce;
    }

    public VMBackupSpec(ObjectRef vmRef, ObjectRef locationRef, BackupMode mode) {
        this(vmRef, locationRef, mode, null);
    }
}
