package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * Where backups of VMs are kept.
 *
 * @param folder a folder that nodes have mounted
 * @param allowedNamespaces the namespaces whose VMs may have their backups here; if omitted, all
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupLocationSpec(
        @Required @ValidationRule(value = "self == oldSelf", message = "folder is immutable: backups lie there")
        Folder folder,

        @Size(min = 1, max = 256) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Pattern(Schemas.DNS_LABEL) @Size(min = 1, max = 63) String> allowedNamespaces)
        implements NamespaceRestricted {

    public BackupLocationSpec {
        allowedNamespaces = Lists.orEmpty(allowedNamespaces);
    }

    /**
     * A folder that nodes have mounted, for example from a file server.
     *
     * @param path absolute path, the same on every node; the folder exists, and only root can enter it
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Folder(
            @Required
            @Size(min = 2, max = 512)
            @Pattern(Schemas.NO_CONTROL_CHARACTERS)
            @ValidationRule(value = Schemas.PLAIN_PATH, message = Schemas.PLAIN_PATH_MESSAGE)
            String path) {}
}
