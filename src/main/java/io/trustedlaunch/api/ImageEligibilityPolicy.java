package io.trustedlaunch.api;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** The rule that says which images are eligible, as data. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ImageEligibilityPolicy")
@Plural("imageeligibilitypolicies")
@Singular("imageeligibilitypolicy")
@AdditionalPrinterColumn(name = "Provenance", jsonPath = ".spec.provenance")
@AdditionalPrinterColumn(name = "Enforcement", jsonPath = ".spec.enforcement")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ImageEligibilityPolicy extends CustomResource<ImageEligibilityPolicySpec, Void> {
    @Override
    @Required
    public ImageEligibilityPolicySpec getSpec() {
        return super.getSpec();
    }

    @Override
    protected ImageEligibilityPolicySpec initSpec() {
        return null;
    }
}
