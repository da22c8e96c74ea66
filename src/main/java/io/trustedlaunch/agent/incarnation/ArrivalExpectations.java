package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.console.ConsoleLogs;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.GuestProcessor;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.migration.arrival.ArrivalExpectation;
import io.trustedlaunch.agent.migration.arrival.ArrivalExpectationBuilder;
import io.trustedlaunch.agent.seed.SeedDisc;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** Builds the expectation of a guest that may arrive: the domain that this node would start itself for the incarnation. */
public final class ArrivalExpectations {
    private final Function<UUID, Optional<VMIncarnation>> latest;
    private final Hypervisor hypervisor;
    private final SeedDisc seeds;
    private final ConsoleLogs consoleLogs;
    private final Supplier<Optional<String>> address;

    /**
     * @param latest the VM's latest incarnation on this node
     * @param address at which other nodes reach this one
     */
    public ArrivalExpectations(
            Function<UUID, Optional<VMIncarnation>> latest,
            Hypervisor hypervisor,
            SeedDisc seeds,
            ConsoleLogs consoleLogs,
            Supplier<Optional<String>> address) {
        this.latest = latest;
        this.hypervisor = hypervisor;
        this.seeds = seeds;
        this.consoleLogs = consoleLogs;
        this.address = address;
    }

    /** Empty if no guest is to arrive as that incarnation, or where is not on record yet. */
    public Optional<ArrivalExpectation> of(UUID vm, long epoch) {
        return latest.apply(vm)
                .map(VMIncarnation::getSpec)
                .filter(spec -> spec.epoch() == epoch && spec.arrival() != null)
                .flatMap(spec -> address.get().map(own -> guest(spec, vm, own)));
    }

    private ArrivalExpectation guest(VMIncarnationSpec spec, UUID vm, String own) {
        HostFacts host = hypervisor.host();
        // The source has sent the disc before. The processors are those that the source gave to the guest.
        DomainSpec domain =
                DomainSpecs.of(spec, vm, seeds.find(vm), consoleLogs.of(vm), GuestProcessor.of(host.acceleration()));
        return ArrivalExpectationBuilder.builder()
                .spec(domain)
                .variables(hypervisor.workingCopy(vm).variables())
                .emulator(host.emulator())
                .firmware(host.firmware())
                .copiesDisks(spec.arrival().copiesDisks())
                .address(own)
                .build();
    }
}
