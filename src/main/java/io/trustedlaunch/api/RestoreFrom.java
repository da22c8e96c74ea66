package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;

/** What a new VM takes over instead of beginning anew. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RestoreFrom(@Required RetainedVM retainedVM) {

    /**
     * A VM of the same namespace that was deleted with {@code deletionPolicy: Retain}.
     *
     * @param uid the UID that it had
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RetainedVM(@Required @Pattern(Schemas.UID) String uid) {}
}
