package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.image.ImageReports;
import io.trustedlaunch.operator.node.MemoryReservation;
import io.trustedlaunch.operator.quota.LeftFiles;
import io.trustedlaunch.operator.quota.RetainedFiles;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The watches: which object triggers a pass over which VM, and the caches that a pass reads. */
final class VmEventSources implements VmCaches {
    private static final String BY_VM = "vm";
    private static final String BY_IMAGE = "image";
    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_NAMESPACE = "vm/namespace";

    private static final String BY_MAC = "vm/mac";
    private static final String RETAINED_IN = "vm/retained-in";
    private static final String ERASING_IN = "vm/erasing-in";

    private final AffectedVms affected;
    private final Watches<TrustedLaunchVM> watches;
    private final Allocations allocations = new Allocations();
    private final TurnEventSource turns = new TurnEventSource();

    private final WatchCache<VMIncarnation> incarnations;
    private final WatchCache<VMMigration> migrations;
    private final WatchCache<RestoreRun> restoreRuns;
    private final WatchCache<DiskFill> diskFills;
    private final WatchCache<GuestImage> images;
    private final WatchCache<ImageCopy> imageCopies;
    private final WatchCache<ImageEligibilityPolicy> policies;
    private final WatchCache<ImageCatalog> catalogs;
    private final WatchCache<Secret> cachedCatalogs;
    private final WatchCache<ClusterNode> clusterNodes;
    private final WatchCache<FenceDevice> fenceDevices;
    private final WatchCache<Node> kubernetesNodes;
    private final WatchCache<StorageLocation> locations;
    private final WatchCache<VMNetwork> networks;
    private final WatchCache<Secret> keys;
    private final WatchCache<PriorityClass> priorityClasses;
    private final WatchCache<VMQuota> quotas;

    VmEventSources(EventSourceContext<TrustedLaunchVM> context, VmDependencies dependencies) {
        String namespace = dependencies.namespace();
        this.affected = new AffectedVms(context.getPrimaryCache());
        this.watches = new Watches<>(context);
        this.incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .through((configuration, of) -> new IncarnationEventSource(configuration, of, allocations))
                .indexedBy(BY_VM, incarnation -> incarnation.getSpec().vmRef().uid())
                .indexedByEach(ERASING_IN, incarnation -> LeftFiles.namespace(incarnation).stream())
                .indexedByEach(BY_MAC, VmEventSources::macs)
                .triggers(affected::ofIncarnation);
        this.migrations = watches.of(VMMigration.class)
                .indexedBy(
                        BY_VM,
                        migration -> nameKey(
                                migration.getMetadata().getNamespace(),
                                migration.getSpec().vmRef().name()))
                .triggers(AffectedVms::ofMigration);
        this.restoreRuns = watches.of(RestoreRun.class).in(namespace).triggers(AffectedVms::ofRestoreRun);
        this.diskFills = watches.of(DiskFill.class).in(namespace).triggers(AffectedVms::ofDiskFill);
        this.images = watches.of(GuestImage.class).triggers(affected::fromImage);
        this.imageCopies = watches.of(ImageCopy.class)
                .onChangeOf(ImageReports::of)
                .indexedBy(BY_IMAGE, copy -> copy.getSpec().image().uid())
                .triggers(affected::waitingForImage);
        this.policies =
                watches.of(ImageEligibilityPolicy.class).onChangeOfSpec().triggersAll();
        // Specs and the cached catalogs decide, not statuses.
        this.catalogs = watches.of(ImageCatalog.class).onChangeOfSpec().triggersAll();
        this.cachedCatalogs = watches.of(Secret.class)
                .named("cached-catalogs")
                .in(namespace)
                .ofType(Api.IMAGE_CATALOG_TYPE)
                .triggersAll();
        this.clusterNodes = watches.of(ClusterNode.class)
                .indexedByEach(BY_VM, VmEventSources::vmsOfInventory)
                .triggers(affected::onNode);
        watches.of(ClusterNode.class)
                .named("migration-targets")
                .onChangeOf(MigrationTargetProperties::of)
                .triggersAll();
        // Those that were on the node begin elsewhere at once.
        watches.of(NodeFence.class)
                .onChangeOf(VmEventSources::phase)
                .triggers(fence -> affected.onNode(fence.getSpec().nodeName()));
        this.fenceDevices = watches.of(FenceDevice.class)
                .onChangeOf(PowerFencing::isReady)
                .triggers(device -> affected.onNode(device.getSpec().nodeName()));
        this.kubernetesNodes =
                watches.of(Node.class).onChangeOf(VmEventSources::placing).triggersAll();
        this.locations = watches.of(StorageLocation.class).triggers(location -> affected.unsettled());
        watches.of(StorageLocation.class)
                .named("sharing")
                .onChangeOf(VmEventSources::groups)
                .triggersAll();
        // Also those that run, and whose next start it refuses or changes.
        this.networks = watches.of(VMNetwork.class).onChangeOfSpec().triggersAll();
        this.keys = watches.of(Secret.class)
                .in(namespace)
                .ofType(Api.PROTECTION_KEY_TYPE)
                .indexedByEach(RETAINED_IN, key -> RetainedFiles.namespace(key).stream())
                .triggers(affected::ofKey);
        this.priorityClasses = watches.of(PriorityClass.class).triggersNone();
        // A higher limit, or one less.
        this.quotas = watches.of(VMQuota.class)
                .onChangeOfSpec()
                .indexedByNamespace(BY_NAMESPACE)
                .triggers(affected::unsettledBesides);
        watches.add(turns);
        watches.add(new AgentLivenessEventSource(
                dependencies.liveness(), node -> clusterNodes.get(node).isPresent(), affected));
    }

    List<EventSource<?, TrustedLaunchVM>> all() {
        return watches.all();
    }

    private static Object groups(StorageLocation location) {
        return location.status().map(status -> status.groups());
    }

    private static Optional<NodeFenceStatus.Phase> phase(NodeFence fence) {
        return fence.status().map(NodeFenceStatus::phase);
    }

    /** The properties of a Node that decide which VMs it may take. */
    private static Object placing(Node node) {
        return List.of(
                Optional.ofNullable(node.getMetadata().getLabels()),
                Optional.ofNullable(node.getSpec().getTaints()),
                Optional.ofNullable(node.getSpec().getUnschedulable()),
                MemoryReservation.of(node));
    }

    /** Those on record are found before the watch brings them, since this process may have just created them. */
    @Override
    public List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm) {
        Stream<String> onRecord =
                new VmObject(vm).epochs().stream().map(epoch -> VMIncarnation.nameOf(vm.identity(), epoch));
        Stream<String> watched = incarnations.byIndex(BY_VM, vm.identity()).stream()
                .map(incarnation -> incarnation.getMetadata().getName());
        return Stream.concat(onRecord, watched)
                .distinct()
                .flatMap(name -> incarnations.get(name).stream())
                .toList();
    }

    @Override
    public Allocations allocations() {
        return allocations;
    }

    @Override
    public List<TrustedLaunchVM> allVms() {
        return affected.everyVm();
    }

    @Override
    public List<TrustedLaunchVM> vmsIn(String namespace) {
        return affected.in(namespace);
    }

    @Override
    public List<TrustedLaunchVM> vmsWithMac(String network, String mac) {
        return affected.withMac(network, mac);
    }

    @Override
    public List<VMIncarnation> incarnationsWithMac(String network, String mac) {
        return incarnations.byIndex(BY_MAC, macKey(network, mac));
    }

    private static Stream<String> macs(VMIncarnation incarnation) {
        return incarnation
                .getSpec()
                .possibleNics()
                .map(nic -> macKey(nic.network(), nic.mac()))
                .distinct();
    }

    private static String macKey(String network, String mac) {
        return network + "/" + mac;
    }

    @Override
    public List<TrustedLaunchVM> vmsWithAntiAffinityIn(String namespace) {
        return affected.withAntiAffinityIn(namespace);
    }

    @Override
    public List<VMMigration> migrationsOf(TrustedLaunchVM vm) {
        return migrations.byIndex(
                BY_VM, nameKey(vm.getMetadata().getNamespace(), vm.getMetadata().getName()));
    }

    private static String nameKey(String namespace, String name) {
        return namespace + "/" + name;
    }

    @Override
    public Optional<RestoreRun> restoreRun(String uid) {
        return restoreRuns.get(uid);
    }

    @Override
    public Optional<DiskFill> diskFill(String uid) {
        return diskFills.get(uid);
    }

    @Override
    public List<GuestImage> images() {
        return images.all();
    }

    @Override
    public List<ImageCopy> imageCopies(String imageUid) {
        return imageCopies.byIndex(BY_IMAGE, imageUid);
    }

    @Override
    public List<ImageEligibilityPolicy> policies() {
        return policies.all();
    }

    @Override
    public List<ImageCatalog> catalogs() {
        return catalogs.all();
    }

    @Override
    public List<Secret> cachedCatalogs() {
        return cachedCatalogs.all();
    }

    @Override
    public List<ClusterNode> clusterNodes() {
        return clusterNodes.all();
    }

    @Override
    public List<ClusterNode> nodesReporting(String identity) {
        return clusterNodes.byIndex(BY_VM, identity);
    }

    private static Stream<String> vmsOfInventory(ClusterNode node) {
        return node.status().map(ClusterNodeStatus::answer).map(Answer::domains).orElseGet(List::of).stream()
                .map(ClusterNodeStatus.Domain::vmUID);
    }

    @Override
    public List<FenceDevice> fenceDevices() {
        return fenceDevices.all();
    }

    @Override
    public List<PriorityClass> priorityClasses() {
        return priorityClasses.all();
    }

    @Override
    public List<VMQuota> quotasIn(String namespace) {
        return quotas.byIndex(BY_NAMESPACE, namespace);
    }

    @Override
    public List<Secret> retainedIn(String namespace) {
        return keys.byIndex(RETAINED_IN, namespace);
    }

    @Override
    public List<VMIncarnation> erasingIn(String namespace) {
        return incarnations.byIndex(ERASING_IN, namespace);
    }

    @Override
    public Optional<Node> kubernetesNode(String name) {
        return kubernetesNodes.get(name);
    }

    @Override
    public List<StorageLocation> locations() {
        return locations.all();
    }

    @Override
    public List<VMNetwork> networks() {
        return networks.all();
    }

    @Override
    public Optional<Secret> key(String vmUid) {
        return keys.get(vmUid);
    }

    @Override
    public void wake(TrustedLaunchVM vm) {
        turns.isTurnOf(vm);
    }

    @Override
    public void created(HasMetadata resource) {
        switch (resource) {
            case VMIncarnation incarnation -> incarnations.created(incarnation);
            case Secret secret -> keys.created(secret);
            case RestoreRun run -> restoreRuns.created(run);
            case DiskFill run -> diskFills.created(run);
            default -> throw new IllegalArgumentException("no cache for objects of kind " + resource.getKind());
        }
    }

    @Override
    public void updated(HasMetadata resource, HasMetadata before) {
        switch (resource) {
            case VMIncarnation incarnation -> incarnations.updated(incarnation, (VMIncarnation) before);
            case Secret secret -> keys.updated(secret, (Secret) before);
            case DiskFill run -> diskFills.updated(run, (DiskFill) before);
            default -> throw new IllegalArgumentException("no cache for objects of kind " + resource.getKind());
        }
    }
}
