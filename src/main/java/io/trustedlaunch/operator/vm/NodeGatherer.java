package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.node.Assignments;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeSnapshot;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the facts of the nodes. */
final class NodeGatherer {
    private final VmCaches caches;
    private final NodeSnapshots snapshots;
    private final Leadership leadership;
    private final Assignments assignments;

    NodeGatherer(
            VmCaches caches,
            AgentLiveness liveness,
            SealingCertificates certificates,
            Leadership leadership,
            Assignments assignments) {
        this.caches = caches;
        this.snapshots = new NodeSnapshots(caches, liveness, certificates, leadership);
        this.leadership = leadership;
        this.assignments = assignments;
    }

    NodeSnapshot nodes() {
        return snapshots.present();
    }

    /** This operator, as agents name it in what they report. */
    String leader() {
        return leadership.identity();
    }

    InventoryFacts inventory(TrustedLaunchVM resource, List<Incarnation> incarnations, RetainedVm retained) {
        VmObject vm = new VmObject(resource);
        boolean isOlder = isOlder(retained, incarnations);
        List<String> unanswered =
                isOlder ? leadership.unlisted(caches.clusterNodes()) : leadership.awaited(caches::clusterNodes);
        Set<ReportedIncarnation> onRecord = onRecord(vm, retained);
        Map<Boolean, List<NodeReport>> byProof = caches.nodesReporting(vm.uid()).stream()
                .flatMap(node -> reported(node, vm.uid()))
                .collect(Collectors.partitioningBy(report -> onRecord.contains(report.incarnation())
                        || report.proved().get().isPresent()));
        List<NodeReport> reports = byProof.get(true);
        LaterReports later = new LaterReports(vm, incarnations, reports, unanswered.isEmpty());
        List<ReportedIncarnation> onNodes =
                reports.stream().map(NodeReport::incarnation).toList();
        Stream<ReportedIncarnation> started = incarnations.stream()
                .filter(NodeGatherer::mayBeLatest)
                .map(incarnation -> new ReportedIncarnation(incarnation.node(), incarnation.epoch()));
        Optional<ReportedIncarnation> latest = Stream.concat(
                        reports.stream().filter(later::mayBeLatest).map(NodeReport::incarnation), started)
                .max(Comparator.comparingLong(ReportedIncarnation::epoch));
        return new InventoryFacts(
                unanswered,
                latest,
                onNodes,
                isOlder ? later(byProof.get(false), onRecord) : List.of(),
                later.contested());
    }

    /**
     * Where the VM's record says that it was last; of a recovered VM, its recovered record, too. A report that says nothing
     * else needs no proof: it may be that of a cluster that is gone.
     */
    private static Set<ReportedIncarnation> onRecord(VmObject vm, RetainedVm retained) {
        Optional<ReportedIncarnation> present =
                vm.nodeName().filter(node -> vm.epoch() > 0).map(node -> new ReportedIncarnation(node, vm.epoch()));
        Optional<ReportedIncarnation> recovered = retained.found()
                .map(RetainedVm.Found::record)
                .filter(record -> record.home().nodeName() != null)
                .map(record -> new ReportedIncarnation(record.home().nodeName(), record.epoch()));
        return Stream.concat(present.stream(), recovered.stream()).collect(Collectors.toSet());
    }

    private static List<ReportedIncarnation> later(List<NodeReport> unproved, Set<ReportedIncarnation> onRecord) {
        long known =
                onRecord.stream().mapToLong(ReportedIncarnation::epoch).max().orElse(0);
        return unproved.stream()
                .map(NodeReport::incarnation)
                .filter(reported -> reported.epoch() > known)
                .toList();
    }

    /** The record of a VM that was recovered from its escrow may be older than its last incarnation, on any node. */
    private static boolean isOlder(RetainedVm retained, List<Incarnation> incarnations) {
        return retained.found()
                .map(RetainedVm.Found::record)
                .filter(record -> !record.home().complete())
                .filter(record -> incarnations.stream().noneMatch(incarnation -> incarnation.epoch() >= record.epoch()))
                .isPresent();
    }

    /** An incarnation that waited for a guest that stayed on its source is not a later incarnation of the VM. */
    private static boolean mayBeLatest(Incarnation incarnation) {
        return incarnation.arrival().isEmpty() || incarnation.hasRun();
    }

    private Stream<NodeReport> reported(ClusterNode node, String vmUid) {
        return Stream.of(node)
                .filter(leadership::hasListed)
                .flatMap(answered -> answered.getStatus().answer().domains().stream())
                .filter(domain -> domain.vmUID().equals(vmUid))
                .map(domain -> new NodeReport(name(node), domain, () -> assignments.proved(name(node), domain)));
    }

    private static String name(ClusterNode node) {
        return node.getMetadata().getName();
    }
}
