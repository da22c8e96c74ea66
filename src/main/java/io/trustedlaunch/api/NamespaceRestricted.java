package io.trustedlaunch.api;

import java.util.List;

/** An administrator's offer to the VMs of all namespaces, or of some. */
public interface NamespaceRestricted {
    /** Empty: all namespaces. */
    List<String> allowedNamespaces();

    default boolean allows(String namespace) {
        return allowedNamespaces().isEmpty() || allowedNamespaces().contains(namespace);
    }
}
