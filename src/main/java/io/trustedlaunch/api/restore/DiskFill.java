package io.trustedlaunch.api.restore;

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

/**
 * Internal: serves the disks of a backup to a VM that was started at once from it, on the node of its incarnation, and fills the
 * VM's own disks while it runs. It is in the operator's namespace; its name is the UID of the restore that made those disks. It
 * is Completed once they are whole.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("DiskFill")
@Plural("diskfills")
@Singular("diskfill")
@ShortNames("tlfill")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Backup", jsonPath = ".spec.backup.name")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class DiskFill extends Run<DiskFillSpec, DiskFillStatus> implements Namespaced {}
