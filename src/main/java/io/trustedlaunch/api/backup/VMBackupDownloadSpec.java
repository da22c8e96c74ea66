package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;

/**
 * Which disk of which backup, and who reads it.
 *
 * @param backupRef a completed VMBackup in the same namespace
 * @param disk root for the OS disk, or data- and the name of a data disk
 * @param clientKeySHA256 SHA-256 of the public key of the client's TLS certificate (its SubjectPublicKeyInfo), lower-case hex; no
 *     other client is admitted
 * @param requestedBy name of the user who creates it, as kubectl auth whoami shows it; another name is refused
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(value = "self == oldSelf", message = "a VMBackupDownload is immutable: delete it and create another")
public record VMBackupDownloadSpec(
        @Required ObjectRef backupRef,

        @Required @Pattern("^(root|data-[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][1-9][0-9]*)?)$") @Size(max = 64)
        String disk,

        @Required @Pattern(Schemas.SHA256) @Size(min = 64, max = 64)
        String clientKeySHA256,

        @Required @Size(min = 1, max = 1024) String requestedBy) {}
