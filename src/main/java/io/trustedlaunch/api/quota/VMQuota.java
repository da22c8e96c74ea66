package io.trustedlaunch.api.quota;

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
 * Limits what the VMs of its namespace take together, as a ResourceQuota does for pods. All quotas of a namespace hold. What
 * runs is never stopped.
 */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMQuota")
@Plural("vmquotas")
@Singular("vmquota")
@ShortNames("tlquota")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "VMs", jsonPath = ".status.summary.vms")
@AdditionalPrinterColumn(name = "Cores", jsonPath = ".status.summary.cores")
@AdditionalPrinterColumn(name = "Memory", jsonPath = ".status.summary.memory")
@AdditionalPrinterColumn(name = "Storage", jsonPath = ".status.summary.storage")
@AdditionalPrinterColumn(name = "Backups", jsonPath = ".status.summary.backups")
@AdditionalPrinterColumn(name = "Migrations", jsonPath = ".status.summary.migrations")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VMQuota extends ApiResource<VMQuotaSpec, VMQuotaStatus> implements Namespaced {}
