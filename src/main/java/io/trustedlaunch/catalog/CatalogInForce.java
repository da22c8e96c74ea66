package io.trustedlaunch.catalog;

/** A catalog that counts now, by the name of its ImageCatalog. */
public record CatalogInForce(String name, Catalog catalog) {}
