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
import java.util.Optional;

/** Where backups of VMs are kept: a store, which a marker in it identifies. */
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
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class BackupLocation extends ApiResource<BackupLocationSpec, BackupLocationStatus> {
    /** What its agent has reported of the location's folder on that node; empty if that is not known. */
    public Optional<BackupLocationStatus.Node> on(String nodeName) {
        return status().stream()
                .flatMap(status -> status.nodes().stream())
                .filter(node -> node.nodeName().equals(nodeName))
                .findFirst();
    }

    /** Whether a backup that was made in the store with that ID is in this location. */
    public boolean isStore(String id) {
        return id != null && id.equals(getSpec().id());
    }
}
