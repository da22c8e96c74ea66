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

/** Offers the nodes' libvirt network of the same name to VMs, which cannot use a network without one. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("VMNetwork")
@Plural("vmnetworks")
@Singular("vmnetwork")
@ShortNames("tlnet")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Filter", jsonPath = ".spec.trafficFilter")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Namespaces",
        jsonPath = ".spec.allowedNamespaces",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class VMNetwork extends ApiResource<VMNetworkSpec, VMNetworkStatus> {}
