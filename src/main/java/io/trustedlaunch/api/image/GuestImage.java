package io.trustedlaunch.api.image;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApiResource;
import io.trustedlaunch.api.Schemas;

/** An image that VMs can be created from if a policy allows it. The spec is immutable, but for who may use it and where it is preloaded. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("GuestImage")
@Plural("guestimages")
@Singular("guestimage")
@ShortNames("tlimg")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "OS", jsonPath = ".spec.osType")
@AdditionalPrinterColumn(name = "SKU", jsonPath = ".spec.identifier.sku")
@AdditionalPrinterColumn(name = "Eligible", jsonPath = ".status.conditions[?(@.type==\"Eligible\")].status")
@AdditionalPrinterColumn(name = "Provenance", jsonPath = ".status.provenance")
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.size")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class GuestImage extends ApiResource<GuestImageSpec, GuestImageStatus> {
    @Override
    @Required
    @ValidationRule(
            value = Schemas.SAME_IMAGE_SPEC,
            message = "the spec of a GuestImage is immutable but for allowedNamespaces and preload: make another one")
    public GuestImageSpec getSpec() {
        return super.getSpec();
    }
}
