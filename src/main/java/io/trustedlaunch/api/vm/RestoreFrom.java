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
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "has(self.retainedVM) != has(self.backup)",
        message = "restoreFrom needs exactly one of: retainedVM, backup")
public record RestoreFrom(RetainedVM retainedVM, ObjectRef backup) {

    public RestoreFrom(RetainedVM retainedVM) {
        this(retainedVM, null);
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
