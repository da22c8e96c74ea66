package io.trustedlaunch.api.backup;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Run;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import java.util.Locale;

/**
 * Internal: one attempt to remove or verify the files of a VMBackup that has ended, by the agent of any node that has its location.
 * It is in the operator's namespace; its name begins with the UID of the VMBackup.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("StoredBackupRun")
@Plural("storedbackupruns")
@Singular("storedbackuprun")
@ShortNames("tlstored")
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
public class StoredBackupRun extends Run<StoredBackupRunSpec, StoredBackupRunStatus> implements Namespaced {
    /**
     * The name of the run that does this for a VMBackup, of which there is one at a time.
     *
     * @param backup UID of the VMBackup
     */
    public static String nameOf(String backup, Action action) {
        return backup + "-" + action.name().toLowerCase(Locale.ROOT);
    }
}
