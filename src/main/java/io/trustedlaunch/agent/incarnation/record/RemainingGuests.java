package io.trustedlaunch.agent.incarnation.record;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The VMs that a shutdown of the host waits for: those with a domain, and those whose working copy can still be sealed. A
 * copy that is damaged or of unknown age stays on the disk as it is.
 */
public final class RemainingGuests implements Supplier<Map<UUID, String>> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final Hypervisor hypervisor;
    private final VmRecordStore records;
    private final Function<UUID, Optional<VMIncarnation>> latest;

    /** @param latest finds a VM's latest incarnation on this node in the cache */
    public RemainingGuests(
            Hypervisor hypervisor, VmRecordStore records, Function<UUID, Optional<VMIncarnation>> latest) {
        this.hypervisor = hypervisor;
        this.records = records;
        this.latest = latest;
    }

    @Override
    public Map<UUID, String> get() {
        Map<UUID, String> remaining = new TreeMap<>();
        records.latestIncarnations().keySet().stream()
                .filter(this::hasCopyToSeal)
                .forEach(vm -> remaining.put(vm, name(vm) + ": its last state is not in its home yet" + problem(vm)));
        hypervisor.domains().forEach(domain -> remaining.put(domain.vm(), running(domain)));
        return remaining;
    }

    private boolean hasCopyToSeal(UUID vm) {
        return hypervisor.workingCopy(vm).state() == WorkingCopy.State.PRESENT
                && record(vm).flatMap(VmRecord::copyOwner).isPresent();
    }

    private String running(DomainInfo domain) {
        String name = domain.identity().namespace() + "/" + domain.identity().name();
        return record(domain.vm())
                .flatMap(record -> record.of(domain.epoch()).shutdownRequested())
                .map(requested -> name + ": asked to shut down"
                        + latest.apply(domain.vm())
                                .map(incarnation -> incarnation.getSpec().terminationGracePeriodSeconds())
                                .map(seconds -> ", power is cut at " + time(requested.plusSeconds(seconds)))
                                .orElseGet(() -> " at " + time(requested)))
                .orElse(
                        name + ": has not been asked to shut down yet"
                                + (latest.apply(domain.vm()).isPresent()
                                        ? ""
                                        : "; this agent has not received its VMIncarnation from the API server since it started"));
    }

    private static String time(Instant instant) {
        return TIME.format(instant.atZone(ZoneId.systemDefault()));
    }

    private String name(UUID vm) {
        return latest.apply(vm)
                .map(incarnation -> incarnation.getSpec().vmRef())
                .map(ref -> ref.namespace() + "/" + ref.name())
                .orElse("VM " + vm);
    }

    private String problem(UUID vm) {
        return latest.apply(vm)
                .map(VMIncarnation::getStatus)
                .filter(status -> status.phase() == Phase.Stopping)
                .map(VMIncarnationStatus::message)
                .map(message -> ": " + message)
                .orElse("");
    }

    private Optional<VmRecord> record(UUID vm) {
        return records.lookUp(vm).found();
    }
}
