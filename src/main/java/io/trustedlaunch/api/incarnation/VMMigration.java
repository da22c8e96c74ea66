package io.trustedlaunch.api.incarnation;

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
 * A live migration of one VM, requested by a user or by the drain of a node. It is attempted once. Deleting it while it runs
 * cancels it. The spec is immutable.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMMigration")
@Plural("vmmigrations")
@Singular("vmmigration")
@ShortNames("tlmig")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VM", jsonPath = ".spec.vmRef.name")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase")
@AdditionalPrinterColumn(name = "From", jsonPath = ".status.sourceNode")
@AdditionalPrinterColumn(name = "To", jsonPath = ".status.targetNode")
@AdditionalPrinterColumn(
        name = "Percent",
        jsonPath = ".status.progressPercent",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Migrated\")].reason", priority = 1)
public class VMMigration extends ApiResource<VMMigrationSpec, VMMigrationStatus> implements Namespaced {
    /** Whether it is on record in its VM, or was. */
    public boolean hasBegun() {
        return status().map(VMMigrationStatus::startTime).isPresent();
    }

    /** Whether its status is final. */
    public boolean hasEnded() {
        return status().map(VMMigrationStatus::completionTime).isPresent();
    }
}
