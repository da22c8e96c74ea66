package io.trustedlaunch.catalog;

/** A catalog that is in force, with the name of its ImageCatalog. */
public record CatalogInForce(String name, Catalog catalog) {}
