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
 * Internal: puts a stopped VM's disks and guest state back to those of a backup, by the agent of one node that has the VM's
 * folder. It is in the operator's namespace; its name is the UID of the restore in the VM's status.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("RestoreRun")
@Plural("restoreruns")
@Singular("restorerun")
@ShortNames("tlrestore")
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
public class RestoreRun extends Run<RestoreRunSpec, RestoreRunStatus> implements Namespaced {}
