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
import io.trustedlaunch.api.ApiResource;

/**
 * A session in which one disk of a backup is read through a node, as kubectl tlvm backup download creates it. Deleting it ends the
 * session. The spec is immutable.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMBackupDownload")
@Plural("vmbackupdownloads")
@Singular("vmbackupdownload")
@ShortNames("tldl")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Backup", jsonPath = ".spec.backupRef.name")
@AdditionalPrinterColumn(name = "Disk", jsonPath = ".spec.disk")
@AdditionalPrinterColumn(name = "User", jsonPath = ".spec.requestedBy")
@AdditionalPrinterColumn(name = "Open", jsonPath = ".status.conditions[?(@.type==\"Open\")].status")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".status.nodeName")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Open\")].reason", priority = 1)
public class VMBackupDownload extends ApiResource<VMBackupDownloadSpec, VMBackupDownloadStatus> implements Namespaced {}
