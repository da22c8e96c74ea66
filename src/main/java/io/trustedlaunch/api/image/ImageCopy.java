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

/** Internal: one image in one storage location, imported and verified by the agent of one node. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ImageCopy")
@Plural("imagecopies")
@Singular("imagecopy")
@ShortNames("tlcopy")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(name = "Image", jsonPath = ".spec.image.name")
@AdditionalPrinterColumn(name = "Location", jsonPath = ".spec.storageLocation.name")
@AdditionalPrinterColumn(name = "Node", jsonPath = ".spec.nodeName")
@AdditionalPrinterColumn(
        name = "Percent",
        jsonPath = ".status.progressPercent",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Size", jsonPath = ".status.size")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ImageCopy extends ApiResource<ImageCopySpec, ImageCopyStatus> {}
