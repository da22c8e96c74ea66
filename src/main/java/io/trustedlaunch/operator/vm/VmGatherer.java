package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.FormerOwner;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.Takeover;
import io.trustedlaunch.operator.vm.facts.TakeoverFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmFactsBuilder;
import io.trustedlaunch.operator.vm.facts.VmIncarnations;
import io.trustedlaunch.operator.vm.facts.VmIncarnationsBuilder;
import io.trustedlaunch.operator.vm.facts.VmNodesBuilder;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.operator.vm.facts.VmOffersBuilder;
import io.trustedlaunch.operator.vm.plan.StartRequests;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.NodeSnapshot;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.PlacementPolicy;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the facts that a decision about a VM needs. */
final class VmGatherer {
    /** Those of one second are ordered by UID. */
    private static final Comparator<VMMigration> OLDEST_FIRST = Comparator.<VMMigration, String>comparing(
                    migration -> migration.getMetadata().getCreationTimestamp())
            .thenComparing(migration -> migration.getMetadata().getUid());

    private final String namespace;
    private final Supplier<String> cluster;
    private final ApiReader reader;
    private final VmCaches caches;
    private final NodeGatherer nodes;
    private final Fences fences;
    private final FormerOwners formerOwners;
    private final VmAffinityGatherer others;
    private final PlacementPolicy policy;
    private final RestartDelays delays;
    private final OfferGatherer offers;
    private final RestoreGatherer restores;
    private final QuotaLedger quotas;
    private final InstantSource clock;

    /**
     * @param namespace the operator's own
     * @param cluster UID of the cluster
     */
    VmGatherer(
            String namespace,
            Supplier<String> cluster,
            ApiReader reader,
            VmCaches caches,
            NodeGatherer nodes,
            Fences fences,
            PlacementPolicy policy,
            RestartDelays delays,
            CatalogReader catalogs,
            RestoreGatherer restores,
            QuotaLedger quotas,
            InstantSource clock) {
        this.namespace = namespace;
        this.cluster = cluster;
        this.reader = reader;
        this.caches = caches;
        this.nodes = nodes;
        this.fences = fences;
        this.formerOwners = new FormerOwners(caches, reader);
        this.others = new VmAffinityGatherer(caches);
        this.policy = policy;
        this.delays = delays;
        this.offers = new OfferGatherer(caches, catalogs, clock);
        this.restores = restores;
        this.quotas = quotas;
        this.clock = clock;
    }

    /** Gathers from memory, but for what no watch can show; without what {@link #withTenantInputs} reads. */
    VmFacts gather(TrustedLaunchVM vm) {
        VmObject object = new VmObject(vm);
        KeyFacts key = key(vm.identity());
        boolean isTakeover = isTakeover(vm, () -> key);
        // It learns nothing of the other VM until it has taken it over.
        List<Incarnation> incarnations = isTakeover
                ? List.of()
                : caches.incarnationsOf(vm).stream()
                        .map(one -> incarnation(object, one))
                        .toList();
        RestoreFacts restore = restores.gather(vm, isTakeover, this::key);
        NodeSnapshot known = nodes.nodes();
        InventoryFacts inventory = nodes.inventory(vm, incarnations, RetainedVm.of(key));
        // This comes after the answers: a proof is held against what a node has answered by then.
        Map<String, ProvedDeath> fenced = fences.proved();
        return VmFactsBuilder.builder()
                .incarnations(incarnations(object, incarnations))
                .nodes(VmNodesBuilder.builder()
                        // An agent of a later boot may be alive already; incarnations are made for the boot that is
                        // over.
                        .placement(new Placement(known.withDead(fenced.keySet()), others.placedVms(vm), policy))
                        .inventory(inventory)
                        .fenced(fenced)
                        .build())
                .restore(restore)
                .fill(restores.fill(object, served(object, incarnations, fenced), known, this::key))
                .offers(offers.gather(vm))
                .key(key)
                .takeover(takeover(vm, isTakeover, key, fenced))
                .migrations(migrations(vm))
                .quota(quotas.facts(vm))
                .now(clock.instant())
                .build();
    }

    private VmIncarnations incarnations(VmObject vm, List<Incarnation> all) {
        Optional<Incarnation> current = all.stream()
                .filter(incarnation -> incarnation.epoch() == vm.epoch())
                .findFirst();
        return VmIncarnationsBuilder.builder()
                .cluster(cluster.get())
                .vm(vm)
                .all(all)
                .ek(EkReport.of(vm, current, nodes.leader()))
                .startHold(current.filter(incarnation ->
                                incarnation.reportedDeparture(Course.Left).isEmpty())
                        .flatMap(incarnation -> delays.hold(vm.ownerUid(), incarnation)))
                .build();
    }

    private TakeoverFacts takeover(
            TrustedLaunchVM vm, boolean isTakeover, KeyFacts key, Map<String, ProvedDeath> fenced) {
        String namespace = vm.getMetadata().getNamespace();
        if (isTakeover) {
            return new TakeoverFacts(
                    reader.namespaceUid(namespace), formerOwners.of(vm, key, fenced), isIdentityInUse(vm, key));
        }
        boolean isRetained = vm.isMarkedForDeletion() && new VmObject(vm).isToBeRetained();
        return isRetained
                ? new TakeoverFacts(reader.namespaceUid(namespace), FormerOwner.GONE, false)
                : TakeoverFacts.NONE;
    }

    /** The one that has the VM's disks, or is about to. */
    private static Optional<Incarnation> served(
            VmObject vm, List<Incarnation> incarnations, Map<String, ProvedDeath> fenced) {
        return incarnations.stream()
                .filter(incarnation -> incarnation.epoch() == vm.epoch())
                .filter(incarnation -> !incarnation.isOver() && !fenced.containsKey(incarnation.node()))
                .findFirst();
    }

    private static Incarnation incarnation(VmObject vm, VMIncarnation found) {
        return LaterReports.isTargetOfFailedMigration(vm, found)
                ? Incarnation.ofTargetWithoutGuest(found)
                : new Incarnation(found);
    }

    /** The same with what is allocated and being started by now. */
    VmFacts withPresentAllocations(VmFacts facts, FailoverQueue failovers) {
        Map<String, Allocated> inUse = caches.allocations().byNode();
        TrustedLaunchVM vm = facts.vm().resource();
        return VmFactsBuilder.builder(facts)
                .nodes(VmNodesBuilder.builder(facts.nodes())
                        .placement(new Placement(
                                facts.nodes().all().stream()
                                        .map(node -> NodeInfoBuilder.builder(node)
                                                .inUse(inUse.getOrDefault(node.name(), Allocated.NONE))
                                                .build())
                                        .toList(),
                                others.placedVms(vm),
                                policy))
                        .failoverTurn(facts.losses().last().map(from -> failovers.turn(facts.vm(), facts.nodes())))
                        .build())
                .quota(quotas.facts(vm))
                .build();
    }

    /** The same with what no watch shows: the VM's namespace and its user data, if a guest may start. */
    VmFacts withTenantInputs(VmFacts facts, TenantInputs tenantInputs) {
        return mayStart(facts)
                ? VmFactsBuilder.builder(facts)
                        .offers(VmOffersBuilder.builder(facts.offers())
                                .namespaceTerminating(tenantInputs.namespaceTerminating())
                                .userData(tenantInputs.userData())
                                .build())
                        .build()
                : facts;
    }

    TenantInputs tenantInputs(TrustedLaunchVM vm) {
        return new TenantInputs(reader, vm, namespace);
    }

    /** The resources that the VM has reserved by its record. One that was taken over has ended, or its node reports it. */
    List<Allocations.Reservation> reservations(TrustedLaunchVM vm) {
        if (isTakeover(vm, () -> key(vm.identity()))) {
            return List.of();
        }
        VmObject record = new VmObject(vm);
        Allocated allocated = StartRequests.allocated(vm);
        Stream<Allocations.Reservation> current = record.nodeName().stream()
                .filter(node -> record.epoch() > 0 && !isOfRetained(vm, record.epoch()))
                .map(node -> new Allocations.Reservation(record.epoch(), node, allocated));
        Stream<Allocations.Reservation> target = record.openMigration().stream()
                .map(migration -> new Allocations.Reservation(migration.epoch(), migration.targetNode(), allocated));
        return Stream.concat(current, target).toList();
    }

    /** The incarnations of the epoch and of the migration on record are there, and the run of the restore. */
    boolean hasBegun(TrustedLaunchVM vm) {
        VmObject record = new VmObject(vm);
        Set<Long> begun = caches.incarnationsOf(vm).stream()
                .map(incarnation -> incarnation.getSpec().epoch())
                .collect(Collectors.toSet());
        return begun.contains(record.epoch())
                && begun.containsAll(record.epochs())
                && record.restores().open().stream()
                        .allMatch(open -> caches.restoreRun(open.uid()).isPresent());
    }

    private boolean isOfRetained(TrustedLaunchVM vm, long epoch) {
        return vm.takenOver().isPresent()
                && RetainedVm.of(key(vm.identity()))
                        .found()
                        .filter(found -> found.record().epoch() == epoch)
                        .isPresent();
    }

    /** A guest that runs or ends needs no user data. */
    private static boolean mayStart(VmFacts facts) {
        return !facts.vm().isBeingDeleted()
                && facts.incarnations()
                        .current()
                        .map(incarnation -> incarnation.isOver()
                                || (incarnation.hasNotRunYet() && !facts.nodes().hasUsableEnvelope(incarnation)))
                        .orElse(true);
    }

    /**
     * The VMMigration of an open migration is read again if the cache lacks it, since its deletion cancels the
     * migration.
     */
    private List<VMMigration> migrations(TrustedLaunchVM vm) {
        Stream<VMMigration> known = caches.migrationsOf(vm).stream();
        Stream<VMMigration> open = new VmObject(vm)
                        .openMigration()
                        .filter(migration -> caches.migrationsOf(vm).stream().noneMatch(one -> isOf(migration, one)))
                        .flatMap(migration -> reader.migration(vm.getMetadata().getNamespace(), migration.name())
                                .filter(found -> isOf(migration, found)))
                        .stream();
        return Stream.concat(known, open)
                .filter(VmGatherer::isUnfinished)
                .sorted(OLDEST_FIRST)
                .toList();
    }

    private static boolean isOf(Migration migration, VMMigration resource) {
        return resource.getMetadata().getUid().equals(migration.uid());
    }

    /** It was not deleted, and its outcome is not on record. */
    static boolean isUnfinished(VMMigration migration) {
        return !migration.isMarkedForDeletion()
                && (migration.getStatus() == null || migration.getStatus().completionTime() == null);
    }

    private boolean isTakeover(TrustedLaunchVM vm, Supplier<KeyFacts> key) {
        return Takeover.isAhead(vm, key, () -> caches.incarnationsOf(vm));
    }

    /** One that would take the VM over, too, has not got it. */
    private boolean isIdentityInUse(TrustedLaunchVM vm, KeyFacts key) {
        return !caches.incarnationsOf(vm).isEmpty()
                || caches.allVms().stream()
                        .filter(other -> other.identity().equals(vm.identity()))
                        .filter(other -> !other.getMetadata()
                                .getUid()
                                .equals(vm.getMetadata().getUid()))
                        .anyMatch(other -> !isTakeover(other, () -> key));
    }

    private KeyFacts key(String identity) {
        return caches.key(identity).map(KeyFacts::of).orElseGet(() -> new KeyFacts.Absent(namespace));
    }
}
