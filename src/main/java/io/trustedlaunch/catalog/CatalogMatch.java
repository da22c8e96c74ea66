package io.trustedlaunch.catalog;

/** A catalog in force lists an image's digest under its identifier and version. */
public record CatalogMatch(String catalog, CatalogImage image) {}
