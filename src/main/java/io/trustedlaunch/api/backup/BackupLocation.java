package io.trustedlaunch.api.backup;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApiResource;

/** Where backups of VMs are kept. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("BackupLocation")
@Plural("backuplocations")
@Singular("backuplocation")
@ShortNames("tlbl")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Folder", jsonPath = ".spec.folder.path")
@AdditionalPrinterColumn(name = "Endpoint", jsonPath = ".spec.s3.endpoint")
@AdditionalPrinterColumn(name = "Bucket", jsonPath = ".spec.s3.bucket")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class BackupLocation extends ApiResource<BackupLocationSpec, Void> {}
