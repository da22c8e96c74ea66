package io.trustedlaunch.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import java.time.Instant;

/**
 * Internal: one attempt to make a VMBackup, by the agent of the node that runs the VM, or to remove or verify its files, by any
 * agent. The own UID of one that makes a backup is that of the backup in its location. It is in the operator's namespace; its
 * name begins with the UID of the VMBackup.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("BackupRun")
@Plural("backupruns")
@Singular("backuprun")
@ShortNames("tlrun")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Action", jsonPath = ".spec.action")
@AdditionalPrinterColumn(name = "Backup", jsonPath = ".spec.backupRef.name")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(
        name = "Percent",
        jsonPath = ".status.progressPercent",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class BackupRun extends CustomResource<BackupRunSpec, BackupRunStatus> implements Namespaced {
    /**
     * The name of the run that does something for a VMBackup, of which there is one at a time.
     *
     * @param backup UID of the VMBackup
     */
    public static String nameOf(String backup, BackupAction action) {
        return switch (action) {
            case Backup -> backup;
            case Remove -> backup + "-remove";
            case Verify -> backup + "-verify";
        };
    }

    /** Whether the run is in a bucket, and has no signed URLs that are valid at that time. The operator seals them. */
    public boolean lacksUrlsAt(Instant time) {
        BackupRunSpec.Envelope envelope = getSpec().envelope();
        return getSpec().location().s3() != null
                && (envelope == null || !time.isBefore(Instant.parse(envelope.expirationTime())));
    }

    @Override
    @Required
    public BackupRunSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected BackupRunSpec initSpec() {
        return null;
    }

    @Override
    protected BackupRunStatus initStatus() {
        return null;
    }
}
