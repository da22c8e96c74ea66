package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.vm.SecureBootState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A VM's incarnations, beside its record.
 *
 * @param cluster UID of this cluster
 * @param all in no order
 * @param ek what the current one's agent reports, read only until a certificate is on record
 * @param startHold how long the next start must still wait, because the guest repeatedly ended soon after its start
 */
@RecordBuilder
public record VmIncarnations(
        String cluster, VmObject vm, List<Incarnation> all, EkReport ek, Optional<Duration> startHold) {
    /** The one of the epoch on record. */
    public Optional<Incarnation> current() {
        return of(vm.epoch());
    }

    public Optional<Incarnation> of(long epoch) {
        return all.stream().filter(incarnation -> incarnation.epoch() == epoch).findFirst();
    }

    /** Newest first. */
    public List<Incarnation> earlier() {
        return all.stream()
                .filter(incarnation -> incarnation.epoch() < vm.epoch())
                .sorted(Comparator.comparingLong(Incarnation::epoch).reversed())
                .toList();
    }

    /** By how new what they say of the VM's disks and their places is: the first one counts. */
    public Stream<Incarnation> byMachine() {
        return all.stream()
                .sorted(Comparator.comparing(Incarnation::mayHaveNewestMachine)
                        .thenComparingLong(Incarnation::epoch)
                        .reversed());
    }

    /**
     * No TPM of the VM can have run, so one may be made (I3): a guest runs for the first time only once the VM's status
     * names its EK. If that status was lost, an incarnation that was created for a later start shows that there was one.
     */
    public boolean isFirstStart() {
        return vm.ek().isEmpty()
                && recordedHome().isEmpty()
                && all.stream()
                        .noneMatch(one -> one.hasRun()
                                || !one.isFirstStart()
                                || one.foundHome().isPresent());
    }

    /** One that was adopted says nothing if its incarnation, the VM's first start, has ended with none. */
    Optional<Home> recordedHome() {
        return vm.guestState()
                .map(GuestState::home)
                .filter(home -> vm.ek().isPresent() || all.stream().noneMatch(one -> one.leftNothingIn(home)));
    }

    /** The cluster by which they claim the home. */
    public ClaimFacts claims() {
        return new ClaimFacts(cluster, recordedHome());
    }

    /** The report of the current one's agent; until it reports, the record. */
    public Optional<SecureBootState> secureBoot() {
        return current().flatMap(Incarnation::secureBoot).or(() -> vm.status().map(TrustedLaunchVMStatus::secureBoot));
    }
}
