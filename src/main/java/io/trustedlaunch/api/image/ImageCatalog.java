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

/** A signed list of marketplace images with their digests. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ImageCatalog")
@Plural("imagecatalogs")
@Singular("imagecatalog")
@ShortNames("tlcat")
@Categories(Api.CATEGORY)
@AdditionalPrinterColumn(
        name = "Serial",
        jsonPath = ".status.inForce.serial",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Images",
        jsonPath = ".status.inForce.images",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Expires", jsonPath = ".status.inForce.expirationTime")
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Current", jsonPath = ".status.conditions[?(@.type==\"Current\")].status")
@AdditionalPrinterColumn(name = "Reason", jsonPath = ".status.conditions[?(@.type==\"Current\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class ImageCatalog extends ApiResource<ImageCatalogSpec, ImageCatalogStatus> {}
