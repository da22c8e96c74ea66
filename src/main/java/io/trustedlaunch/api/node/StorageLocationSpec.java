package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.NamespaceRestricted;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * A folder for VM files.
 *
 * @param path absolute path, the same on every node that has the folder; the folder belongs to root and the hypervisor's
 *     group and has mode 0710; immutable
 * @param allowedNamespaces the namespaces whose VMs may have their files here; if omitted, all. VMs that have their files
 *     here already keep them, and start
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageLocationSpec(
        @Required
        @Size(min = 2, max = 512)
        @Pattern(Schemas.NO_CONTROL_CHARACTERS)
        @ValidationRule(value = Schemas.PLAIN_PATH, message = Schemas.PLAIN_PATH_MESSAGE)
        @ValidationRule(value = "self == oldSelf", message = "path is immutable: VM files lie there")
        String path,

        @Size(min = 1, max = 256) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.DNS_LABEL) @Size(min = 1, max = 63) String> allowedNamespaces)
        implements NamespaceRestricted {

    public StorageLocationSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
    }
}
