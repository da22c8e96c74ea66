package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * What a new VM takes over instead of starting from its image.
 *
 * @param retainedVM a VM of the same namespace that was deleted with deletionPolicy Retain
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RestoreFrom(@Required RetainedVM retainedVM) {

    /**
     * A VM of the same namespace that was deleted with deletionPolicy Retain.
     *
     * @param uid its identity: the UID that it had, or that of the VM that it had taken over itself
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RetainedVM(
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid) {}
}
