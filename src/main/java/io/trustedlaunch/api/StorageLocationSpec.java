package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A folder for VM files.
 *
 * @param path absolute path, the same on every node that has the folder; the folder belongs to root and the hypervisor's
 *     group and has mode 0710; immutable
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageLocationSpec(
        @Required
        @Size(min = 2, max = 512)
        @Pattern(Schemas.NO_CONTROL_CHARACTERS)
        @ValidationRule(
                value =
                        "self.startsWith('/') && !self.substring(1).split('/').exists(p, p == '..' || p == '.' || p == '')",
                message = "path is absolute, without '.', '..' or empty parts")
        @ValidationRule(value = "self == oldSelf", message = "path is immutable: VM files lie there")
        String path) {}
