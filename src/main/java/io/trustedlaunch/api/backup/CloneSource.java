package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.image.RecordedImage;

/**
 * The VM that a backup is of, for another one that gets copies of its disks.
 *
 * @param uid its identity
 * @param image that its OS disk was made from, as it was on record when the backup was made
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record CloneSource(
        @Required @Pattern(Schemas.UID) @Size(max = 36) String uid,
        @Required RecordedImage image) {}
