package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.time.Duration;
import java.util.Optional;

/**
 * Which VM is saved, and where.
 *
 * @param vmRef a TrustedLaunchVM of the same namespace
 * @param locationRef a BackupLocation
 * @param mode how much is saved
 * @param quiesce whether the guest agent is asked to freeze the guest's file systems for a moment
 * @param startWithin how long an attempt may begin, after the creation or the time of the schedule: one that fails for a reason
 *     that may pass is followed by another until then. If omitted, there is one attempt, whenever it can begin
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a VMBackup is immutable: create another")
public record VMBackupSpec(
        @Required ObjectRef vmRef,
        @Required ObjectRef locationRef,
        @Default("Auto") BackupMode mode,
        @Default("BestEffort") Quiesce quiesce,

        @Size(min = 2, max = 16) @Pattern(Schemas.DURATION) String startWithin) {
    public VMBackupSpec {
        mode = mode == null ? BackupMode.Auto : mode;
        quiesce = quiesce == null ? Quiesce.BestEffort : quiesce;
    }

    public VMBackupSpec(ObjectRef vmRef, ObjectRef locationRef, BackupMode mode) {
        this(vmRef, locationRef, mode, null);
    }

    public VMBackupSpec(ObjectRef vmRef, ObjectRef locationRef, BackupMode mode, Quiesce quiesce) {
        this(vmRef, locationRef, mode, quiesce, null);
    }

    /** {@link #startWithin}; empty: there is one attempt. */
    public Optional<Duration> window() {
        return Optional.ofNullable(startWithin).map(Schemas::duration);
    }
}
