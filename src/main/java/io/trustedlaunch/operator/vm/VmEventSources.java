package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.ManagedInformerEventSource;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.FenceDevice;
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageCatalog;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMNetwork;
import io.trustedlaunch.api.VMQuota;
import io.trustedlaunch.operator.image.ImageReports;
import io.trustedlaunch.operator.node.MemoryReservation;
import io.trustedlaunch.operator.quota.LeftFiles;
import io.trustedlaunch.operator.quota.RetainedFiles;
import io.trustedlaunch.operator.vm.facts.Epochs;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The watches: which object triggers a pass over which VM, and the caches that a pass reads. */
final class VmEventSources implements VmCaches {
    private static final String BY_VM = "vm";
    private static final String BY_IMAGE = "image";
    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_NAMESPACE = "vm/namespace";

    private static final String RETAINED_IN = "vm/retained-in";
    private static final String ERASING_IN = "vm/erasing-in";

    private final EventSourceContext<TrustedLaunchVM> context;
    private final AffectedVms affected;
    private final VmDependencies dependencies;
    private final Allocations allocations = new Allocations();
    private final TurnEventSource turns = new TurnEventSource();

    private final InformerEventSource<VMIncarnation, TrustedLaunchVM> incarnations;
    private final InformerEventSource<VMMigration, TrustedLaunchVM> migrations;
    private final InformerEventSource<RestoreRun, TrustedLaunchVM> restoreRuns;
    private final InformerEventSource<GuestImage, TrustedLaunchVM> images;
    private final InformerEventSource<ImageCopy, TrustedLaunchVM> imageCopies;
    private final InformerEventSource<ImageEligibilityPolicy, TrustedLaunchVM> policies;
    private final InformerEventSource<ImageCatalog, TrustedLaunchVM> catalogs;
    private final InformerEventSource<Secret, TrustedLaunchVM> cachedCatalogs;
    private final InformerEventSource<ClusterNode, TrustedLaunchVM> clusterNodes;
    private final InformerEventSource<ClusterNode, TrustedLaunchVM> migrationTargets;
    private final InformerEventSource<NodeFence, TrustedLaunchVM> fences;
    private final InformerEventSource<FenceDevice, TrustedLaunchVM> fenceDevices;
    private final InformerEventSource<Node, TrustedLaunchVM> kubernetesNodes;
    private final InformerEventSource<StorageLocation, TrustedLaunchVM> locations;
    private final InformerEventSource<StorageLocation, TrustedLaunchVM> sharing;
    private final InformerEventSource<VMNetwork, TrustedLaunchVM> networks;
    private final InformerEventSource<Secret, TrustedLaunchVM> keys;
    private final InformerEventSource<PriorityClass, TrustedLaunchVM> priorityClasses;
    private final InformerEventSource<VMQuota, TrustedLaunchVM> quotas;

    VmEventSources(EventSourceContext<TrustedLaunchVM> context, VmDependencies dependencies) {
        this.context = context;
        this.dependencies = dependencies;
        this.affected = new AffectedVms(context.getPrimaryCache());
        this.incarnations = new IncarnationEventSource(
                watching(VMIncarnation.class, affected::ofIncarnation)
                        .withNamespaces(dependencies.namespace())
                        .build(),
                context,
                allocations);
        this.incarnations.addIndexers(Map.of(
                BY_VM, incarnation -> List.of(incarnation.getSpec().vmRef().uid()),
                ERASING_IN,
                        incarnation -> LeftFiles.namespace(incarnation).stream().toList()));
        this.migrations = source(watching(VMMigration.class, AffectedVms::ofMigration));
        this.migrations.addIndexers(Map.of(
                BY_VM,
                migration -> List.of(nameKey(
                        migration.getMetadata().getNamespace(),
                        migration.getSpec().vmRef().name()))));
        this.restoreRuns =
                source(watching(RestoreRun.class, AffectedVms::ofRestoreRun).withNamespaces(dependencies.namespace()));
        this.images = source(watching(GuestImage.class, affected::fromImage));
        this.imageCopies = source(watching(ImageCopy.class, affected::waitingForImage)
                .withOnUpdateFilter((now, before) -> !ImageReports.of(now).equals(ImageReports.of(before))));
        this.imageCopies.addIndexers(
                Map.of(BY_IMAGE, copy -> List.of(copy.getSpec().image().uid())));
        this.policies = source(watching(ImageEligibilityPolicy.class, policy -> affected.all())
                .withOnUpdateFilter(VmEventSources::isOtherGeneration));
        // Specs and the cached catalogs decide, not statuses.
        this.catalogs = source(watching(ImageCatalog.class, catalog -> affected.all())
                .withOnUpdateFilter(VmEventSources::isOtherGeneration));
        this.cachedCatalogs = source(watching(Secret.class, catalog -> affected.all())
                .withName("cached-catalogs")
                .withNamespaces(dependencies.namespace())
                .withFieldSelector(ofType(Api.IMAGE_CATALOG_TYPE)));
        this.clusterNodes = source(watching(ClusterNode.class, affected::onNode));
        this.clusterNodes.addIndexers(Map.of(BY_VM, VmEventSources::vmsOfInventory));
        this.migrationTargets = source(watching(ClusterNode.class, node -> affected.all())
                .withName("migration-targets")
                .withOnUpdateFilter((now, before) ->
                        !MigrationTargetProperties.of(now).equals(MigrationTargetProperties.of(before))));
        // Those that were on the node begin elsewhere at once.
        this.fences = source(watching(
                        NodeFence.class,
                        fence -> affected.onNode(fence.getSpec().nodeName()))
                .withOnUpdateFilter((now, before) -> !phase(now).equals(phase(before))));
        this.fenceDevices = source(watching(
                        FenceDevice.class,
                        device -> affected.onNode(device.getSpec().nodeName()))
                .withOnUpdateFilter((now, before) -> PowerFencing.isReady(now) != PowerFencing.isReady(before)));
        this.kubernetesNodes = source(watching(Node.class, node -> affected.all())
                .withOnUpdateFilter((now, before) -> !labels(now).equals(labels(before))
                        || !Objects.equals(
                                now.getSpec().getTaints(), before.getSpec().getTaints())
                        || !Objects.equals(
                                now.getSpec().getUnschedulable(),
                                before.getSpec().getUnschedulable())
                        || !MemoryReservation.of(now).equals(MemoryReservation.of(before))));
        this.locations = source(watching(StorageLocation.class, location -> affected.unsettled()));
        this.sharing = source(watching(StorageLocation.class, location -> affected.all())
                .withName("sharing")
                .withOnUpdateFilter((now, before) -> !groups(now).equals(groups(before))));
        this.networks = source(watching(VMNetwork.class, network -> affected.unsettled()));
        this.keys = source(watching(Secret.class, affected::ofKey)
                .withNamespaces(dependencies.namespace())
                .withFieldSelector(ofType(Api.PROTECTION_KEY_TYPE)));
        this.keys.addIndexers(
                Map.of(RETAINED_IN, key -> RetainedFiles.namespace(key).stream().toList()));
        this.priorityClasses = source(watching(PriorityClass.class, priority -> Set.of()));
        // A higher limit, or one less.
        this.quotas = source(watching(VMQuota.class, affected::unsettledBesides)
                .withOnUpdateFilter(VmEventSources::isOtherGeneration));
        this.quotas.addIndexers(
                Map.of(BY_NAMESPACE, quota -> List.of(quota.getMetadata().getNamespace())));
    }

    private static FieldSelector ofType(String type) {
        return new FieldSelector(List.of(new FieldSelector.Field("type", type)));
    }

    List<EventSource<?, TrustedLaunchVM>> all() {
        return List.of(
                incarnations,
                migrations,
                restoreRuns,
                images,
                imageCopies,
                policies,
                catalogs,
                cachedCatalogs,
                clusterNodes,
                migrationTargets,
                fences,
                fenceDevices,
                kubernetesNodes,
                locations,
                sharing,
                networks,
                keys,
                priorityClasses,
                quotas,
                turns,
                new AgentLivenessEventSource(dependencies.liveness(), affected));
    }

    private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watching(
            Class<R> kind, SecondaryToPrimaryMapper<R> affected) {
        return InformerEventSourceConfiguration.from(kind, TrustedLaunchVM.class)
                .withSecondaryToPrimaryMapper(affected)
                // The SDK's own index would keep a VM that is gone for as long as a node, an image or a policy exists.
                .withPrimaryToSecondaryMapper((TrustedLaunchVM vm) -> Set.of());
    }

    private <R extends HasMetadata> InformerEventSource<R, TrustedLaunchVM> source(
            InformerEventSourceConfiguration.Builder<R> configuration) {
        return new InformerEventSource<>(configuration.build(), context);
    }

    private static boolean isOtherGeneration(HasMetadata now, HasMetadata before) {
        return !now.getMetadata().getGeneration().equals(before.getMetadata().getGeneration());
    }

    private static Object groups(StorageLocation location) {
        return Optional.ofNullable(location.getStatus()).map(status -> status.groups());
    }

    private static Optional<NodeFenceStatus.Phase> phase(NodeFence fence) {
        return Optional.ofNullable(fence.getStatus()).map(NodeFenceStatus::phase);
    }

    private static Object labels(Node node) {
        return Optional.<Object>ofNullable(node.getMetadata().getLabels()).orElse("");
    }

    /** Those on record are found before the watch brings them, since this process may have just created them. */
    @Override
    public List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm) {
        Stream<ResourceID> onRecord = Epochs.onRecord(vm).stream()
                .map(epoch -> new ResourceID(VMIncarnation.nameOf(vm.identity(), epoch), dependencies.namespace()));
        Stream<ResourceID> watched =
                incarnations.byIndex(BY_VM, vm.identity()).stream().map(ResourceID::fromResource);
        return Stream.concat(onRecord, watched)
                .distinct()
                .flatMap(id -> incarnations.get(id).stream())
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
        return restoreRuns.get(new ResourceID(uid, dependencies.namespace()));
    }

    @Override
    public List<GuestImage> images() {
        return list(images);
    }

    @Override
    public List<ImageCopy> imageCopies(String imageUid) {
        return imageCopies.byIndex(BY_IMAGE, imageUid);
    }

    @Override
    public List<ImageEligibilityPolicy> policies() {
        return list(policies);
    }

    @Override
    public List<ImageCatalog> catalogs() {
        return list(catalogs);
    }

    @Override
    public List<Secret> cachedCatalogs() {
        return list(cachedCatalogs);
    }

    @Override
    public List<ClusterNode> clusterNodes() {
        return list(clusterNodes);
    }

    @Override
    public List<ClusterNode> nodesReporting(String identity) {
        return clusterNodes.byIndex(BY_VM, identity);
    }

    private static List<String> vmsOfInventory(ClusterNode node) {
        return Optional.ofNullable(node.getStatus())
                .map(ClusterNodeStatus::answer)
                .map(Answer::domains)
                .orElseGet(List::of)
                .stream()
                .map(ClusterNodeStatus.Domain::vmUID)
                .toList();
    }

    @Override
    public List<FenceDevice> fenceDevices() {
        return list(fenceDevices);
    }

    @Override
    public List<PriorityClass> priorityClasses() {
        return list(priorityClasses);
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
        return kubernetesNodes.get(new ResourceID(name));
    }

    @Override
    public List<StorageLocation> locations() {
        return list(locations);
    }

    @Override
    public List<VMNetwork> networks() {
        return list(networks);
    }

    @Override
    public Optional<Secret> key(String vmUid) {
        return keys.get(new ResourceID(vmUid, dependencies.namespace()));
    }

    private static <R extends HasMetadata> List<R> list(ManagedInformerEventSource<R, ?, ?> source) {
        Stream<R> all = source.list(resource -> true);
        return all.toList();
    }

    @Override
    public void wake(TrustedLaunchVM vm) {
        turns.isTurnOf(vm);
    }

    @Override
    public void created(HasMetadata resource) {
        ResourceID id = ResourceID.fromResource(resource);
        switch (resource) {
            case VMIncarnation incarnation -> incarnations.handleRecentResourceCreate(id, incarnation);
            case Secret secret -> keys.handleRecentResourceCreate(id, secret);
            case RestoreRun run -> restoreRuns.handleRecentResourceCreate(id, run);
            default -> throw new IllegalArgumentException("no cache for objects of kind " + resource.getKind());
        }
    }

    @Override
    public void updated(HasMetadata resource, HasMetadata before) {
        ResourceID id = ResourceID.fromResource(resource);
        switch (resource) {
            case VMIncarnation incarnation ->
                incarnations.handleRecentResourceUpdate(id, incarnation, (VMIncarnation) before);
            case Secret secret -> keys.handleRecentResourceUpdate(id, secret, (Secret) before);
            default -> throw new IllegalArgumentException("no cache for objects of kind " + resource.getKind());
        }
    }
}
