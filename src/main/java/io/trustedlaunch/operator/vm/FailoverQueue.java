package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Phase;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.vm.facts.FailoverTurn;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Gives turns to the VMs of dead nodes that start elsewhere: to a few at a time, so that each node and its storage can do them,
 * and those of a higher priority first, so that they get the room that is left. What is under way stands in the VMs' statuses; a
 * new leader finds it there.
 */
final class FailoverQueue {
    static final int STARTS_ON_A_NODE = 4;
    static final int STARTS = 20;

    /** A start that takes longer is held up by something else, and holds up no other VM. */
    static final Duration HELD_UP = Duration.ofMinutes(3);

    /** If nothing wakes it before. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    private record Start(String node, Instant begun) {}

    private final VmCaches caches;
    private final InstantSource clock;
    private final Map<String, Start> starts = new HashMap<>();

    /** Keyed by VM: the VMs that were found not to start elsewhere, or not now, with their incarnation on the dead node. */
    private final Map<String, String> looked = new HashMap<>();

    /** Those that wait for their turn, by VM, since a pass found that. */
    private final Map<String, TrustedLaunchVM> queued = new HashMap<>();

    private final Map<ProvedDeath, Instant> firstTurns = new HashMap<>();

    FailoverQueue(VmCaches caches, InstantSource clock) {
        this.caches = caches;
        this.clock = clock;
    }

    /** Its start is under way, or no longer. */
    synchronized void onRecord(TrustedLaunchVM vm) {
        if (isStartingElsewhere(vm)) {
            starts.putIfAbsent(vm.identity(), new Start(vm.getStatus().nodeName(), clock.instant()));
        } else if (!isReserved(vm) && starts.remove(vm.identity()) != null) {
            wakeNext();
        }
    }

    /** Its incarnation, which says why it starts, is not made yet. */
    private boolean isReserved(TrustedLaunchVM vm) {
        return isStarting(vm) && incarnation(vm).isEmpty();
    }

    private static boolean isStarting(TrustedLaunchVM vm) {
        return vm.getStatus() != null && vm.getStatus().phase() == Phase.Starting;
    }

    private Optional<VMIncarnation> incarnation(TrustedLaunchVM vm) {
        return caches.incarnationsOf(vm).stream()
                .filter(incarnation ->
                        incarnation.getSpec().epoch().equals(vm.getStatus().epoch()))
                .findFirst();
    }

    /** Wakes as many as there is room for. */
    private void wakeNext() {
        Map<String, Integer> priorities = priorities();
        queued.values().stream()
                .sorted(Comparator.comparingInt((TrustedLaunchVM vm) -> priority(vm, priorities))
                        .reversed())
                .limit(Math.max(0, STARTS - underWay().count()))
                .toList()
                .forEach(vm -> {
                    queued.remove(vm.identity());
                    caches.wake(vm);
                });
    }

    /** Those that are not held up. */
    private Stream<Map.Entry<String, Start>> underWay() {
        Instant now = clock.instant();
        return starts.entrySet().stream()
                .filter(start -> !isHeldUp(start.getValue().begun(), now));
    }

    private boolean isStartingElsewhere(TrustedLaunchVM vm) {
        return isStarting(vm)
                && incarnation(vm)
                        .filter(incarnation ->
                                !incarnation.getSpec().afterFences().isEmpty())
                        .isPresent();
    }

    /** @param vm that would start elsewhere */
    synchronized FailoverTurn turn(VmObject vm, VmNodes nodes) {
        Instant now = clock.instant();
        firstTurns.keySet().retainAll(nodes.fenced().values());
        nodes.fenced().values().forEach(death -> firstTurns.putIfAbsent(death, now));
        List<Start> others = underWay()
                .filter(start -> !start.getKey().equals(vm.uid()))
                .map(Map.Entry::getValue)
                .toList();
        queued.put(vm.uid(), vm.resource());
        return new FailoverTurn(behind(vm.resource(), others.size(), unseen(nodes, now)), full(others), LOOK_AGAIN);
    }

    private Optional<String> behind(TrustedLaunchVM vm, int starts, Collection<TrustedLaunchVM> unseen) {
        if (starts >= STARTS) {
            return Optional.of("as many other VMs of dead nodes are being started as may be at a time: " + STARTS);
        }
        Map<String, Integer> priorities = priorities();
        int own = priority(vm, priorities);
        long ahead = unseen.stream()
                .filter(other -> priority(other, priorities) > own)
                .count();
        return ahead > 0
                ? Optional.of("VMs of dead nodes that have a higher priority are looked at first: " + ahead)
                : Optional.empty();
    }

    private static Set<String> full(List<Start> starts) {
        return starts.stream().collect(Collectors.groupingBy(Start::node, Collectors.counting())).entrySet().stream()
                .filter(node -> node.getValue() >= STARTS_ON_A_NODE)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** Those that may have to start elsewhere, and were not looked at since their node was proved dead. */
    private List<TrustedLaunchVM> unseen(VmNodes nodes, Instant now) {
        return caches.allVms().stream()
                .filter(vm -> vm.getStatus() != null && vm.getStatus().nodeName() != null)
                .filter(vm -> nodes.isFenced(vm.getStatus().nodeName()))
                .filter(vm -> vm.getSpec().runStrategy() != RunStrategy.Halted && !vm.isMarkedForDeletion())
                .filter(vm -> !starts.containsKey(vm.identity()))
                .filter(vm -> !life(vm, nodes.fenced()).equals(looked.get(vm.identity())))
                .filter(vm -> !isHeldUp(
                        firstTurns.get(nodes.fenced().get(vm.getStatus().nodeName())), now))
                .toList();
    }

    private static boolean isHeldUp(Instant begun, Instant now) {
        return RecordedTime.isOver(HELD_UP, begun, now);
    }

    private static String life(TrustedLaunchVM vm, Map<String, ProvedDeath> fenced) {
        TrustedLaunchVMStatus status = vm.getStatus();
        return fenced.get(status.nodeName()).fence() + "/" + status.epoch();
    }

    synchronized void started(VmObject vm, String node) {
        queued.remove(vm.uid());
        starts.put(vm.uid(), new Start(node, clock.instant()));
        wakeNext();
    }

    /** Nothing is to be started of it now: it need not be waited for. */
    synchronized void passed(VmObject vm, VmNodes nodes) {
        queued.remove(vm.uid());
        vm.nodeName()
                .filter(nodes::isFenced)
                .ifPresentOrElse(
                        node -> {
                            String life = life(vm.resource(), nodes.fenced());
                            if (!life.equals(looked.put(vm.uid(), life))) {
                                wakeNext();
                            }
                        },
                        () -> looked.remove(vm.uid()));
    }

    synchronized void forget(TrustedLaunchVM vm) {
        starts.remove(vm.identity());
        looked.remove(vm.identity());
        queued.remove(vm.identity());
    }

    private Map<String, Integer> priorities() {
        return caches.priorityClasses().stream()
                .collect(Collectors.toMap(found -> found.getMetadata().getName(), PriorityClass::getValue));
    }

    /** That of the default class, if the VM names none, as for pods. */
    private int priority(TrustedLaunchVM vm, Map<String, Integer> priorities) {
        return Optional.ofNullable(vm.getSpec().priorityClassName())
                .map(priorities::get)
                .or(() -> caches.priorityClasses().stream()
                        .filter(found -> Boolean.TRUE.equals(found.getGlobalDefault()))
                        .map(PriorityClass::getValue)
                        .findFirst())
                .orElse(0);
    }
}
