package io.trustedlaunch.api.image;

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

/** Rules that say which images may become trusted launch VMs. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ImageEligibilityPolicy")
@Plural("imageeligibilitypolicies")
@Singular("imageeligibilitypolicy")
@ShortNames("tlpol")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Provenance", jsonPath = ".spec.provenance")
@AdditionalPrinterColumn(name = "Enforcement", jsonPath = ".spec.enforcement")
@AdditionalPrinterColumn(
        name = "Matched",
        jsonPath = ".status.matchedImages",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ImageEligibilityPolicy extends ApiResource<ImageEligibilityPolicySpec, ImageEligibilityPolicyStatus> {}
