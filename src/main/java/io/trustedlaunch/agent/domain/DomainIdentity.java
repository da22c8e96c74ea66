package io.trustedlaunch.agent.domain;

import java.util.UUID;

/**
 * Whose life a domain is: it stands in the domain's metadata, so that a running domain can be told apart and adopted
 * without any other record.
 *
 * @param vm the UID of the TrustedLaunchVM; also the domain's UUID and name
 * @param epoch which life of the VM this is
 */
public record DomainIdentity(UUID vm, long epoch, String namespace, String name) {
    public DomainIdentity {
        if (epoch < 1) {
            throw new IllegalArgumentException("epochs start at 1, not " + epoch);
        }
        Text.requirePrintable("namespace", namespace);
        Text.requirePrintable("name", name);
    }
}
