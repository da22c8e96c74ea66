package io.trustedlaunch.agent.domain;

import java.util.UUID;

/**
 * The incarnation that a domain belongs to. It is in the domain's metadata, so that a running domain can be identified
 * and adopted without any other record.
 *
 * @param vm the VM's identity; also the domain's UUID and name
 * @param epoch the number of the incarnation
 */
public record DomainIdentity(UUID vm, long epoch, String namespace, String name) {
    public DomainIdentity {
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch must be at least 1, not " + epoch);
        }
        SpecChecks.requirePrintable("namespace", namespace);
        SpecChecks.requirePrintable("name", name);
    }
}
