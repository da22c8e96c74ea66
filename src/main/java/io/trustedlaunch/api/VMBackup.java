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

/**
 * A backup of one VM: its disks, its TPM and its UEFI variables of one instant, and its key. It is attempted once. Deleting it
 * while it runs cancels it. The spec is immutable.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMBackup")
@Plural("vmbackups")
@Singular("vmbackup")
@ShortNames("tlbak")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Location", jsonPath = ".spec.locationRef.name")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Type", jsonPath = ".status.type")
@AdditionalPrinterColumn(name = "Percent", jsonPath = ".status.progressPercent", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.bytes.stored")
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Completed\")].reason", priority = 1)
public class VMBackup extends CustomResource<VMBackupSpec, VMBackupStatus> implements Namespaced {
    @Override
    @Required
    public VMBackupSpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected VMBackupSpec initSpec() {
        return null;
    }

    @Override
    protected VMBackupStatus initStatus() {
        return null;
    }
}
