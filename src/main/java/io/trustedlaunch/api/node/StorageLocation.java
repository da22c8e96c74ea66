package io.trustedlaunch.api.node;

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

/** A folder for VM files, at the same path on every node that has it. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("StorageLocation")
@Plural("storagelocations")
@Singular("storagelocation")
@ShortNames("tlloc")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Path", jsonPath = ".spec.path")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Shared", jsonPath = ".status.conditions[?(@.type==\"Shared\")].status")
@AdditionalPrinterColumn(name = "Restricted", jsonPath = ".status.conditions[?(@.type==\"Restricted\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class StorageLocation extends ApiResource<StorageLocationSpec, StorageLocationStatus> {}
