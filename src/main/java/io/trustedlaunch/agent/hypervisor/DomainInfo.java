package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.DomainIdentity;
import java.util.UUID;

/** One domain of ours as it was seen a moment ago. */
public record DomainInfo(DomainIdentity identity, DomainState state) {
    public UUID vm() {
        return identity.vm();
    }

    public long epoch() {
        return identity.epoch();
    }
}
