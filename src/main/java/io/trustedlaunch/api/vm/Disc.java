package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;

/**
 * A drive for discs. It comes and goes at a start; its disc is changed and ejected while the VM runs.
 *
 * @param name unique among the VM's discs; with disc_ before it, the drive's serial number
 * @param imageRef a GuestImage of form Disc, which policies judge at each insertion; if omitted, the drive is empty
 * @param required true: no start without the disc; false: a start leaves the drive empty if the disc cannot be inserted, and it is
 *     inserted once it can be. Default false
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Disc(
        @Required @Size(min = 1, max = 32) @Pattern(Schemas.DNS_LABEL)
        String name,

        ObjectRef imageRef,

        Boolean required) {
    /** The most that a VM may have. */
    public static final int MAX = 2;

    /** One that a start can do without. */
    public Disc(String name, ObjectRef imageRef) {
        this(name, imageRef, null);
    }

    public boolean isRequired() {
        return imageRef != null && Boolean.TRUE.equals(required);
    }
}
