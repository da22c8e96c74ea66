package io.trustedlaunch.catalog;

/** It is no catalog; the message is a clause whose subject is the catalog. */
public final class MalformedCatalogException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedCatalogException(String message) {
        super(message);
    }
}
