package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.DomainSight;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.StopReason;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.VMIncarnation;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at the domain, the working copy and the memory. */
final class IncarnationGatherer {
    private final Hypervisor hypervisor;
    private final VmMemory memory;
    private final InstantSource clock;
    private final Map<UUID, Instant> goneSince = new ConcurrentHashMap<>();

    IncarnationGatherer(Hypervisor hypervisor, VmMemory memory, InstantSource clock) {
        this.hypervisor = hypervisor;
        this.memory = memory;
        this.clock = clock;
    }

    IncarnationFacts gather(VMIncarnation incarnation, UUID vm, long highestEpoch) {
        Optional<DomainSight> domain = hypervisor.find(vm);
        Recollection recollection = memory.recall(vm);
        boolean gone = domain.isEmpty()
                && recollection
                        .known()
                        .map(record ->
                                record.resumedEpoch() == incarnation.getSpec().epoch())
                        .orElse(false);
        Instant now = clock.instant();
        if (gone) {
            goneSince.putIfAbsent(vm, now);
        } else {
            goneSince.remove(vm);
        }
        return new IncarnationFacts(
                incarnation,
                vm,
                highestEpoch,
                recollection,
                domain,
                sight(hypervisor.workingCopy(vm)),
                gone ? hypervisor.lastStop(vm) : StopReason.UNKNOWN,
                Optional.ofNullable(goneSince.get(vm)),
                now);
    }

    private static TpmSight sight(WorkingCopy copy) {
        return switch (copy.state()) {
            case ABSENT -> TpmSight.NONE;
            case PRESENT -> TpmSight.WHOLE;
            case DAMAGED ->
                Files.exists(copy.tpmState(), LinkOption.NOFOLLOW_LINKS) ? TpmSight.DAMAGED : TpmSight.FILE_MISSING;
        };
    }
}
