package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Schemas;

/**
 * A completed backup.
 *
 * @param name name of its VMBackup
 * @param uid names its folder in the location
 * @param indexSHA256 SHA-256 of its index, as it is on record
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RecordedBackup(
        @Required @Size(min = 1, max = 253) String name,
        @Required @Pattern(Schemas.UID) @Size(max = 36) String uid,

        @Required @Pattern(Schemas.SHA256) @Size(max = 64) String indexSHA256) {}
