package io.trustedlaunch.api.incarnation;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Image;
import java.util.Optional;

/**
 * A drive for discs.
 *
 * @param name name of the drive
 * @param image the image of form Disc in it, of which the storage location has a copy; absent: none
 * @param required true: the guest does not start without it. Absent: it does
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DiscDrive(@Size(max = 32) String name, Image image, Boolean required) {
    public DiscDrive {
        required = (image != null && Boolean.TRUE.equals(required)) ? true : null;
    }

    /** One that a start can do without. */
    public DiscDrive(String name, Image image) {
        this(name, image, null);
    }

    public static DiscDrive empty(String name) {
        return new DiscDrive(name, null, null);
    }

    /** Empty: there is none in it. */
    public Optional<Image> disc() {
        return Optional.ofNullable(image);
    }

    public boolean isRequired() {
        return required != null;
    }
}
