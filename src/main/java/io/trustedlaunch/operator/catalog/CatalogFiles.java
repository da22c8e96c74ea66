package io.trustedlaunch.operator.catalog;

/** The keys of the two files in ConfigMaps and Secrets. */
final class CatalogFiles {
    static final String CONTENT = "catalog.json";
    static final String SIGNATURE = "catalog.json.sig";

    private CatalogFiles() {}
}
