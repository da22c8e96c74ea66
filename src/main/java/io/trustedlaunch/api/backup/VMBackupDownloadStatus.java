package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import java.util.List;

/**
 * Where the disk can be read. Only the condition is there while it cannot.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the session was seen
 * @param nodeName node whose agent opens the backup; the agent's certificate names it
 * @param address IP address or DNS name of that node
 * @param port TCP port of the agent for consoles and downloads
 * @param authority certificate of the authority that the agent's certificate must be issued by, PEM
 * @param backupOf identity of the VM that the backup is of
 * @param backup which backup
 * @param location where the backup is
 * @param envelope base64 of a CMS structure with the keys that open the VM's backups, and the signed URLs of a bucket, sealed to
 *     the node
 * @param expirationTime when the session ends and is removed
 * @param conditions the condition Open;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMBackupDownloadStatus(
        Long observedGeneration,
        @SelectableField @Size(max = 253) String nodeName,
        @Size(max = 253) String address,
        Integer port,
        @Size(max = Messages.MAX_CERTIFICATES) String authority,
        @Size(max = 36) String backupOf,
        RecordedBackup backup,
        BackupRunSpec.Location location,
        @Size(max = 1048576) String envelope,
        String expirationTime,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public VMBackupDownloadStatus {
        conditions = Lists.orEmpty(conditions);
    }
}
