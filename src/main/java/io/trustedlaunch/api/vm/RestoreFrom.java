package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;

/**
 * The source of a new VM instead of its image: exactly one of these.
 *
 * @param retainedVM a VM of the same namespace that was deleted with deletionPolicy Retain, which this VM continues
 * @param backup a VMBackup of the same namespace, whose disks this VM gets copies of; all else of it is new
 * @param startAtOnce the VM starts while its disks are filled from the backup, which is needed until they are whole; only with backup
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "has(self.retainedVM) != has(self.backup)",
        message = "restoreFrom needs exactly one of: retainedVM, backup")
@ValidationRule(
        value = "!has(self.startAtOnce) || !self.startAtOnce || has(self.backup)",
        message = "restoreFrom has startAtOnce only with backup")
public record RestoreFrom(RetainedVM retainedVM, ObjectRef backup, Boolean startAtOnce) {
    public RestoreFrom {
        startAtOnce = Boolean.TRUE.equals(startAtOnce) ? true : null;
    }

    public RestoreFrom(RetainedVM retainedVM) {
        this(retainedVM, null, null);
    }

    public RestoreFrom(RetainedVM retainedVM, ObjectRef backup) {
        this(retainedVM, backup, null);
    }

    /** The VM starts while its disks are filled. */
    public boolean startsAtOnce() {
        return startAtOnce != null;
    }

    /**
     * A VM of the same namespace that was deleted with deletionPolicy Retain.
     *
     * @param uid its identity: the UID that it had, or that of the VM that it had taken over itself
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RetainedVM(
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid) {}
}
