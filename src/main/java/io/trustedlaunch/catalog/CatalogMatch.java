package io.trustedlaunch.catalog;

/** A catalog in force has an image's digest under its identifier and version. */
public record CatalogMatch(String catalog, CatalogImage image) {}
