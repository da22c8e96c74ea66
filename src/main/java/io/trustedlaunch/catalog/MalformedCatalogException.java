package io.trustedlaunch.catalog;

/** The bytes are not a catalog. The message continues a sentence whose subject is the catalog. */
public final class MalformedCatalogException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedCatalogException(String message) {
        super(message);
    }
}
