package io.trustedlaunch.operator.catalog;

/** What the two files are called, wherever they are keys of something. */
final class CatalogFiles {
    static final String CONTENT = "catalog.json";
    static final String SIGNATURE = "catalog.json.sig";

    private CatalogFiles() {}
}
