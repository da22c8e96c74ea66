package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The VMs for which a shutdown of the host is worth waiting: those with a domain, and those whose working copy can go
 * home. What is damaged, or of unknown age, lies on the disk after the reboot as it does now.
 */
public final class RemainingGuests implements Supplier<Map<UUID, String>> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final Hypervisor hypervisor;
    private final VmRecordStore memory;
    private final Function<UUID, Optional<VMIncarnation>> latest;

    /** @param latest a VM's latest incarnation on this node, as it was seen last */
    public RemainingGuests(
            Hypervisor hypervisor, VmRecordStore memory, Function<UUID, Optional<VMIncarnation>> latest) {
        this.hypervisor = hypervisor;
        this.memory = memory;
        this.latest = latest;
    }

    @Override
    public Map<UUID, String> get() {
        Map<UUID, String> left = new TreeMap<>();
        memory.latestIncarnations().keySet().stream()
                .filter(this::hasACopyToSeal)
                .forEach(vm -> left.put(vm, name(vm) + ": its last state is not in its home yet" + trouble(vm)));
        hypervisor.domains().forEach(domain -> left.put(domain.vm(), running(domain)));
        return left;
    }

    private boolean hasACopyToSeal(UUID vm) {
        return hypervisor.workingCopy(vm).state() == WorkingCopy.State.PRESENT
                && record(vm).filter(record -> record.state().copyEpoch() != 0).isPresent();
    }

    private String running(DomainInfo domain) {
        String name = domain.identity().namespace() + "/" + domain.identity().name();
        return record(domain.vm())
                .flatMap(record -> record.deadlineOf(domain.epoch()))
                .map(deadline -> name + ": asked to shut down, has time until "
                        + TIME.format(deadline.atZone(ZoneId.systemDefault())))
                .orElse(name + ": has not been asked to shut down yet"
                        + (latest.apply(domain.vm()).isPresent()
                                ? ""
                                : "; the API server has not told of it since this agent was started"));
    }

    private String name(UUID vm) {
        return latest.apply(vm)
                .map(incarnation -> incarnation.getSpec().vmRef())
                .map(ref -> ref.namespace() + "/" + ref.name())
                .orElse("VM " + vm);
    }

    private String trouble(UUID vm) {
        return latest.apply(vm)
                .map(VMIncarnation::getStatus)
                .filter(status -> status.phase() == Phase.Stopping)
                .map(VMIncarnationStatus::message)
                .map(message -> ": " + message)
                .orElse("");
    }

    private Optional<VmRecord> record(UUID vm) {
        return memory.lookUp(vm).found();
    }
}
