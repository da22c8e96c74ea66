package io.trustedlaunch.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.BootId;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.protocol.GuestLedger.Place;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Which guests may lose their power: those that somebody wanted to stop or to move, or whose host has died, until all that was
 * asked for has happened and everybody has seen it.
 */
final class GuestPower {
    private final ClusterUnderTest cluster;
    private final Map<UUID, Powered> before = new HashMap<>();
    private final Set<UUID> mayLose = new HashSet<>();
    /** The operators that have looked at all kinds since somebody last wanted something. */
    private final Set<OperatorProcess> upToDate = new HashSet<>();

    private boolean isWatched;

    private record Powered(Place place, String boot) {
        static Powered of(Place place) {
            return new Powered(place, BootId.in(place.host().runFolder()));
        }

        /** Its host has power without a break, and does not stand still. */
        boolean canBeSeen() {
            return place.host().runs() && BootId.in(place.host().runFolder()).equals(boot);
        }
    }

    GuestPower(ClusterUnderTest cluster) {
        this.cluster = cluster;
    }

    void mayLose(UUID vm) {
        mayLose.add(vm);
        upToDate.clear();
    }

    void mayLose(Collection<UUID> vms) {
        vms.forEach(this::mayLose);
    }

    void allMayLose() {
        mayLose(cluster.ledger.vms());
    }

    /** From now on, whatever somebody wanted before. */
    void mustKeep(UUID vm) {
        mayLose.remove(vm);
    }

    void looked(OperatorProcess operator) {
        upToDate.add(operator);
    }

    /** Whoever plays with guests says what they may lose, from now on. */
    void watch() {
        isWatched = true;
    }

    void check() {
        if (!isWatched) {
            return;
        }
        noticeMigrations();
        for (UUID vm : List.copyOf(cluster.ledger.vms())) {
            Optional<Place> now = cluster.ledger.now(vm);
            Optional.ofNullable(before.get(vm))
                    .filter(Powered::canBeSeen)
                    .map(Powered::place)
                    .filter(place -> !now.equals(Optional.of(place)) && !mayLose.contains(vm))
                    .ifPresent(place -> assertThat(now)
                            .as(place + " has lost its power, and nobody wanted it to stop")
                            .contains(place));
            now.filter(this::beginsWhereItIsSaidToBeDead).ifPresent(place -> mayLose(vm));
            now.ifPresentOrElse(place -> before.put(vm, Powered.of(place)), () -> forgetUnlessFrozen(vm));
            now.filter(place -> isSettled(vm, place)).ifPresent(place -> mayLose.remove(vm));
        }
    }

    /** A request names a VM, and also moves one that is created later under that name; drains create requests, too. */
    private void noticeMigrations() {
        cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(vm -> isAskedToMove(vm.getMetadata().getName()))
                .map(vm -> UUID.fromString(vm.identity()))
                .filter(vm -> !mayLose.contains(vm))
                .forEach(this::mayLose);
    }

    /** As those that ran there when it was said: its VM may be given away until the operator hears the host (docs/failover.md). */
    private boolean beginsWhereItIsSaidToBeDead(Place place) {
        return cluster.ledger.deceived().contains(place.host())
                && Optional.ofNullable(before.get(place.domain().vm()))
                        .filter(powered -> powered.place().equals(place))
                        .isEmpty();
    }

    private void forgetUnlessFrozen(UUID vm) {
        before.computeIfPresent(
                vm,
                (same, powered) ->
                        powered.place().host().runs() || !powered.place().host().isOn() ? null : powered);
    }

    /** It runs as everybody wants it to, and knows. */
    private boolean isSettled(UUID vm, Place place) {
        return mayLose.contains(vm)
                && upToDate.containsAll(cluster.operators.all())
                && place.host().acts()
                && !cluster.faults.isFenced(place.host())
                && cluster.faults.isBelieved(place.host())
                && cluster.ledger.deceived().isEmpty()
                && cluster.server
                        .seen(TrustedLaunchVM.class)
                        .filter(one -> one.identity().equals(vm.toString()))
                        .anyMatch(one -> isSettled(one, place));
    }

    private boolean isSettled(TrustedLaunchVM vm, Place place) {
        TrustedLaunchVMStatus status = vm.getStatus();
        return !vm.isMarkedForDeletion()
                && vm.getSpec().runStrategy() == RunStrategy.Always
                && status != null
                && status.phase() == TrustedLaunchVMStatus.Phase.Running
                && status.epoch() == place.domain().epoch()
                && place.host().name().equals(status.nodeName())
                && isToRunAlone(vm, place)
                && !isAskedToRestart(vm)
                && !isAskedToMove(vm.getMetadata().getName());
    }

    /** A restart waits as long as the guest could not be started again, and then still comes. */
    private static boolean isAskedToRestart(TrustedLaunchVM vm) {
        Map<String, String> annotations = vm.getMetadata().getAnnotations();
        String asked = annotations == null ? null : annotations.get(Api.RESTARTED_AT);
        return asked != null && !asked.equals(vm.getStatus().observedRestart());
    }

    private boolean isAskedToMove(String name) {
        return cluster.server
                .seen(VMMigration.class)
                .filter(migration -> migration.getSpec().vmRef().name().equals(name))
                .anyMatch(migration ->
                        migration.getStatus() == null || migration.getStatus().completionTime() == null);
    }

    private boolean isToRunAlone(TrustedLaunchVM vm, Place place) {
        List<VMIncarnation> all = cluster.server
                .seen(VMIncarnation.class)
                .filter(one -> one.getSpec().vmRef().uid().equals(vm.identity()))
                .toList();
        return all.size() == 1
                && all.getFirst().getSpec().epoch() == place.domain().epoch()
                && all.getFirst().getSpec().desiredState() == DesiredState.Running
                && place.host()
                        .agent()
                        .filter(agent ->
                                !agent.mayLetRun(all.getFirst().getMetadata().getName()))
                        .isEmpty();
    }
}
