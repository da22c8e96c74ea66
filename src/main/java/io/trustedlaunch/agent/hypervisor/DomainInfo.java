package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainIdentity;
import java.util.UUID;

/** A domain with our metadata, as observed a moment ago. */
public record DomainInfo(DomainIdentity identity, DomainState state) {
    public UUID vm() {
        return identity.vm();
    }

    public long epoch() {
        return identity.epoch();
    }
}
