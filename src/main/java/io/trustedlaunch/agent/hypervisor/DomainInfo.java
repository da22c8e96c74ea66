package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainIdentity;
import java.util.UUID;

/**
 * A domain with our metadata, as observed a moment ago.
 *
 * @param vtpm observed every few seconds
 */
public record DomainInfo(DomainIdentity identity, DomainState state, VtpmState vtpm) {
    public UUID vm() {
        return identity.vm();
    }

    public long epoch() {
        return identity.epoch();
    }
}
