package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.client.CustomResource;
import io.trustedlaunch.api.DeletionPolicy;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.fencing.Fences;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.image.ImageReports;
import io.trustedlaunch.operator.image.ImageVerdicts;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.FormerOwner;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.ImageFactsBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.MigrationOrder;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.Takeover;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmFactsBuilder;
import io.trustedlaunch.operator.vm.plan.MacAddresses;
import io.trustedlaunch.operator.vm.plan.StartRequests;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.ImageReport;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.PlacementPolicy;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the facts that a decision about a VM needs. */
final class VmGatherer {
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
    private final EscrowGatherer escrows;
    private final CatalogReader catalogs;
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
            EscrowGatherer escrows,
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
        this.escrows = escrows;
        this.catalogs = catalogs;
        this.restores = restores;
        this.quotas = quotas;
        this.clock = clock;
    }

    /** From memory, but for what no watch can show; without what {@link #withUnwatched} reads. */
    VmFacts gather(TrustedLaunchVM vm) {
        KeyFacts key = key(vm.identity());
        boolean isTakeover = isTakeover(vm, () -> key);
        // Until it has taken the other VM over, it is told nothing of it.
        List<Incarnation> incarnations = isTakeover
                ? List.of()
                : caches.incarnationsOf(vm).stream()
                        .map(one -> incarnation(vm, one))
                        .toList();
        Optional<Incarnation> current = incarnations.stream()
                .filter(incarnation -> incarnation.epoch() == epoch(vm))
                .findFirst();
        RestoreFacts restore = restores.gather(vm, this::key);
        List<NodeInfo> known = nodes.nodes();
        InventoryFacts inventory = nodes.inventory(vm, incarnations, RetainedVm.of(key));
        // After the answers: a proof is held against what a node has answered by then.
        Map<String, ProvedDeath> fenced = fences.proved();
        return VmFactsBuilder.builder()
                .vm(vm)
                .cluster(cluster.get())
                .image(image(vm))
                .locations(specs(caches.locations()))
                .networks(specs(caches.networks()))
                .cardsWithTakenMac(cardsWithTakenMac(vm))
                .key(key)
                .incarnations(incarnations)
                .ek(EkReport.of(vm, current, nodes.leader()))
                .placement(new Placement(living(known, fenced), others.placedVms(vm), policy))
                .inventory(inventory)
                .startHold(current.filter(incarnation ->
                                incarnation.reportedDeparture(Course.Left).isEmpty())
                        .flatMap(incarnation -> delays.hold(vm.getMetadata().getUid(), incarnation)))
                .migrations(migrations(vm))
                .fenced(fenced)
                .namespaceUID(namespaceUid(vm, isTakeover))
                .formerOwner(isTakeover ? formerOwners.of(vm, key, fenced) : FormerOwner.GONE)
                .userData(new UserDataFacts.Unread())
                .identityInUse(isTakeover && isIdentityInUse(vm, key))
                .escrow(isTakeover ? escrows.gather(vm, key, restore) : new EscrowFacts.None())
                .restore(restore)
                .quota(quotas.facts(vm))
                .now(clock.instant())
                .build();
    }

    private static Incarnation incarnation(TrustedLaunchVM vm, VMIncarnation found) {
        return LaterReports.isTargetOfFailedMigration(vm, found)
                ? Incarnation.ofTargetWithoutGuest(found)
                : new Incarnation(found);
    }

    /** The agent of a later boot may have renewed its Lease already, and incarnations are made for the boot that is over. */
    private static List<NodeInfo> living(List<NodeInfo> known, Map<String, ProvedDeath> fenced) {
        return known.stream()
                .map(node -> fenced.containsKey(node.name())
                        ? NodeInfoBuilder.builder(node).agentAlive(false).build()
                        : node)
                .toList();
    }

    /** The same with what is allocated and being started by now. */
    VmFacts withPresentAllocations(VmFacts facts, FailoverQueue failovers) {
        Map<String, Allocated> inUse = caches.allocations().byNode();
        return VmFactsBuilder.builder(facts)
                .placement(new Placement(
                        facts.nodes().stream()
                                .map(node -> NodeInfoBuilder.builder(node)
                                        .inUse(inUse.getOrDefault(node.name(), Allocated.NONE))
                                        .build())
                                .toList(),
                        others.placedVms(facts.vm()),
                        policy))
                .quota(quotas.facts(facts.vm()))
                .failoverTurn(facts.losses().last().map(from -> failovers.turn(facts)))
                .build();
    }

    /** The same with what no watch shows: the VM's namespace and its user data, if a guest may start. */
    VmFacts withUnwatched(VmFacts facts, Unwatched unwatched) {
        return mayStart(facts)
                ? VmFactsBuilder.builder(facts)
                        .namespaceTerminating(unwatched.namespaceTerminating())
                        .userData(unwatched.userData())
                        .build()
                : facts;
    }

    Unwatched unwatched(TrustedLaunchVM vm) {
        return new Unwatched(reader, vm, namespace);
    }

    /** What the VM has reserved by its record. One that was taken over has ended, or its node reports it. */
    List<Allocations.Reservation> reservations(TrustedLaunchVM vm) {
        if (isTakeover(vm, () -> key(vm.identity()))) {
            return List.of();
        }
        Optional<TrustedLaunchVMStatus> status = Optional.ofNullable(vm.getStatus());
        Allocated allocated = StartRequests.allocated(vm);
        Stream<Allocations.Reservation> current = status
                .filter(recorded -> recorded.nodeName() != null && recorded.epoch() != null)
                .filter(recorded -> !isOfRetained(vm, recorded.epoch()))
                .map(recorded -> new Allocations.Reservation(recorded.epoch(), recorded.nodeName(), allocated))
                .stream();
        Stream<Allocations.Reservation> target = status
                .map(TrustedLaunchVMStatus::migration)
                .filter(migration -> migration.outcome() == null)
                .map(migration -> new Allocations.Reservation(migration.epoch(), migration.targetNode(), allocated))
                .stream();
        return Stream.concat(current, target).toList();
    }

    /** The incarnations of the epoch and of the migration on record are there, and the run of the restore. */
    boolean hasBegun(TrustedLaunchVM vm) {
        Set<Long> begun = caches.incarnationsOf(vm).stream()
                .map(incarnation -> incarnation.getSpec().epoch())
                .collect(Collectors.toSet());
        return begun.contains(epoch(vm))
                && VmCharge.openMigration(vm).map(Migration::epoch).stream().allMatch(begun::contains)
                && new RestoreRecord(vm)
                        .open().stream()
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
        return !facts.vm().isMarkedForDeletion()
                && facts.current()
                        .map(incarnation -> incarnation.isOver()
                                || (incarnation.hasNotRunYet() && !facts.hasUsableEnvelope(incarnation)))
                        .orElse(true);
    }

    /**
     * The VMMigration of an open migration is read again if the cache lacks it, since its deletion cancels the
     * migration.
     */
    private List<VMMigration> migrations(TrustedLaunchVM vm) {
        Stream<VMMigration> known = caches.migrationsOf(vm).stream();
        Stream<VMMigration> open = Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::migration)
                .filter(migration -> migration.outcome() == null)
                .filter(migration -> caches.migrationsOf(vm).stream().noneMatch(one -> isOf(migration, one)))
                .flatMap(migration -> reader.migration(vm.getMetadata().getNamespace(), migration.name())
                        .filter(found -> isOf(migration, found)))
                .stream();
        return Stream.concat(known, open)
                .filter(VmGatherer::isUnfinished)
                .sorted(MigrationOrder.ORDER)
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

    private Optional<String> namespaceUid(TrustedLaunchVM vm, boolean isTakeover) {
        boolean retained = vm.isMarkedForDeletion() && vm.getSpec().deletionPolicy() == DeletionPolicy.Retain;
        return retained || isTakeover ? reader.namespaceUid(vm.getMetadata().getNamespace()) : Optional.empty();
    }

    private static long epoch(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::epoch)
                .orElse(0L);
    }

    private ImageFacts image(TrustedLaunchVM vm) {
        String name = vm.getSpec().imageRef().name();
        ImageVerdicts verdicts = new ImageVerdicts(
                caches.images(),
                caches.policies(),
                catalogs.inForce(caches.catalogs(), caches.cachedCatalogs(), clock.instant()));
        Optional<String> uid = verdicts.uid(name);
        return ImageFactsBuilder.builder()
                .name(name)
                .uid(uid)
                .spec(verdicts.spec(name))
                .verdict(verdicts.verdict(name))
                .askedAtEveryStart(verdicts.askedAtEveryStart())
                .secureBootPolicy(verdicts.secureBootPolicy())
                .reports(
                        VmFacts.ekOf(vm).isPresent()
                                ? List.of()
                                : uid.map(this::reports).orElseGet(List::of))
                .build();
    }

    private List<ImageReport> reports(String imageUid) {
        return caches.imageCopies(imageUid).stream()
                .flatMap(copy -> ImageReports.of(copy).stream())
                .toList();
    }

    private KeyFacts key(String identity) {
        return caches.key(identity).map(KeyFacts::of).orElseGet(() -> new KeyFacts.Absent(namespace));
    }

    private Set<String> cardsWithTakenMac(TrustedLaunchVM vm) {
        return vm.getSpec().networkInterfaces().stream()
                .filter(nic -> caches.vmsWithMac(nic.network(), MacAddresses.of(vm.identity(), nic)).stream()
                        .anyMatch(other -> MacAddresses.hadItFirst(other, vm)))
                .map(NetworkInterface::name)
                .collect(Collectors.toSet());
    }

    private static <S> Map<String, S> specs(List<? extends CustomResource<S, ?>> resources) {
        return resources.stream()
                .collect(Collectors.toMap(resource -> resource.getMetadata().getName(), CustomResource::getSpec));
    }
}
