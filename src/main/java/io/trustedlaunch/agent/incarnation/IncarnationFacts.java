package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.DomainSight;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * All that a step is decided by.
 *
 * @param highestEpoch of all incarnations of this VM that the API server has for this node
 * @param domain this VM's domain on the host, of whatever epoch
 * @param lastStop what the hypervisor says of the domain that is gone
 * @param goneSince when this process first found the domain of this life gone; empty while it has not
 */
public record IncarnationFacts(
        VMIncarnation incarnation,
        UUID vm,
        long highestEpoch,
        Recollection memory,
        Optional<DomainSight> domain,
        TpmSight tpm,
        StopReason lastStop,
        Optional<Instant> goneSince,
        Instant now) {

    VMIncarnationSpec spec() {
        return incarnation.getSpec();
    }

    long epoch() {
        return spec().epoch();
    }

    /** What was told last; empty if nothing was. */
    Optional<VMIncarnationStatus> told() {
        return Optional.ofNullable(incarnation.getStatus());
    }

    boolean toldRunning() {
        return told().map(status -> status.phase() == VMIncarnationStatus.Phase.Running)
                .orElse(false);
    }

    /** An incarnation or a domain of a later life is here. */
    boolean laterLifeHere() {
        return epoch() < highestEpoch
                || domain.map(there -> epoch() < there.epoch()).orElse(false);
    }

    /** As {@link #laterLifeHere}, or one was. */
    boolean superseded() {
        return laterLifeHere()
                || memory.known().map(record -> epoch() < record.highestEpoch()).orElse(false);
    }

    /** Nothing speaks against the VM's never having been here. */
    boolean looksNew() {
        return memory instanceof Recollection.Nothing
                && spec().firstStart()
                && tpm == TpmSight.NONE
                && domain.isEmpty();
    }

    boolean wasLetRun(long epoch) {
        return memory.known().map(record -> record.resumedEpoch() == epoch).orElse(false);
    }
}
