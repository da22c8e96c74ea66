package io.trustedlaunch.agent.metrics;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.Sealed;
import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Card;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Disk;
import io.trustedlaunch.agent.hypervisor.GuestStatistics.Transfers;
import io.trustedlaunch.agent.hypervisor.GuestStatisticsBuilder;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** A host with one guest of ours, for which every metric has a value, and one of somebody else. */
public final class SampleHost {
    static final UUID VM = UUID.fromString(Vms.UID);
    static final Instant SEALED = Instant.parse("2026-03-01T12:00:00Z");

    final List<GuestStatistics> guests = new ArrayList<>(List.of(
            guest(VM).build(),
            guest(UUID.fromString("00000000-0000-4000-8000-000000000001")).build()));
    Optional<Problem> problem = Optional.empty();
    boolean libvirtAnswers = true;
    Optional<GuestInfo> said = Optional.of(said(true));

    public void addTo(ProcessMetrics metrics) {
        metrics.add(new ComputedMetrics(
                new GuestMetrics(this::statistics, SampleHost::latest, vm -> Optional.of(sealing()), vm -> said)));
    }

    static GuestStatisticsBuilder guest(UUID vm) {
        return GuestStatisticsBuilder.builder()
                .vm(vm)
                .running(true)
                .vtpm(new VtpmState.Responding())
                .processorTime(Duration.ofMillis(1500))
                .memoryBytes(OptionalLong.of(1024))
                .residentBytes(OptionalLong.of(512))
                .disks(List.of(new Disk(
                        "vda",
                        new Transfers(2, 4096, Duration.ofMillis(3)),
                        new Transfers(1, 512, Duration.ofMillis(40)),
                        new Transfers(4, 0, Duration.ofMillis(500)))))
                .cards(List.of(new Card(1500, 64)));
    }

    static GuestInfo said(boolean connected) {
        return GuestInfoBuilder.builder()
                .agent(new GuestInfo.Agent(connected, "7.2.0"))
                .fileSystems(List.of(
                        new FileSystem("/", "ext4", 1L << 34, 89),
                        new FileSystem("/boot", "ext4", 1L << 29, 90),
                        new FileSystem("/data", "xfs", 1L << 40, 100),
                        new FileSystem("/odd", "odd", null, null)))
                .build();
    }

    private List<GuestStatistics> statistics() {
        if (!libvirtAnswers) {
            throw new HypervisorException(new HypervisorFailure.Unavailable("for the test"));
        }
        return guests;
    }

    private static Optional<VMIncarnation> latest(UUID vm) {
        return Optional.of(Incarnations.incarnation(Incarnations.spec(1).build(), null))
                .filter(ours -> vm.equals(VM));
    }

    private SealingState sealing() {
        return new SealingState(
                Optional.of(new Sealed(new GuestStateVersion(1L, 2L), SEALED, Optional.empty())), problem);
    }
}
