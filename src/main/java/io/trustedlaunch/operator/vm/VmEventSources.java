package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
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
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.ImageCatalog;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Which object wakes which VM; and, with the same watches, what is known of the cluster. */
final class VmEventSources implements VmCaches {
    private static final String BY_VM = "vm";

    private final EventSourceContext<TrustedLaunchVM> context;
    private final AffectedVms waking;
    private final VmDependencies room;

    private final InformerEventSource<VMIncarnation, TrustedLaunchVM> incarnations;
    private final InformerEventSource<VMMigration, TrustedLaunchVM> migrations;
    private final InformerEventSource<GuestImage, TrustedLaunchVM> images;
    private final InformerEventSource<ImageEligibilityPolicy, TrustedLaunchVM> policies;
    private final InformerEventSource<ImageCatalog, TrustedLaunchVM> catalogs;
    private final InformerEventSource<Secret, TrustedLaunchVM> keptCatalogs;
    private final InformerEventSource<ClusterNode, TrustedLaunchVM> clusterNodes;
    private final InformerEventSource<ClusterNode, TrustedLaunchVM> offers;
    private final InformerEventSource<Node, TrustedLaunchVM> kubernetesNodes;
    private final InformerEventSource<StorageLocation, TrustedLaunchVM> locations;
    private final InformerEventSource<StorageLocation, TrustedLaunchVM> sharing;
    private final InformerEventSource<Secret, TrustedLaunchVM> keys;

    VmEventSources(EventSourceContext<TrustedLaunchVM> context, VmDependencies room) {
        this.context = context;
        this.room = room;
        this.waking = new AffectedVms(context.getPrimaryCache());
        this.incarnations =
                source(watching(VMIncarnation.class, waking::ofIncarnation).withNamespaces(room.namespace()));
        this.incarnations.addIndexers(Map.of(
                BY_VM, incarnation -> List.of(incarnation.getSpec().vmRef().uid())));
        this.migrations = source(watching(VMMigration.class, AffectedVms::ofMigration));
        this.migrations.addIndexers(Map.of(
                BY_VM,
                move -> List.of(nameKey(
                        move.getMetadata().getNamespace(),
                        move.getSpec().vmRef().name()))));
        this.images = source(watching(GuestImage.class, waking::fromImage));
        // Their statuses do not count here: only specs do, and the catalogs that were kept.
        this.policies = source(watching(ImageEligibilityPolicy.class, policy -> waking.all())
                .withOnUpdateFilter(VmEventSources::isOtherGeneration));
        this.catalogs = source(watching(ImageCatalog.class, catalog -> waking.all())
                .withOnUpdateFilter(VmEventSources::isOtherGeneration));
        this.keptCatalogs = source(watching(Secret.class, catalog -> waking.all())
                .withName("kept-catalogs")
                .withNamespaces(room.namespace())
                .withFieldSelector(ofType(Api.IMAGE_CATALOG_TYPE)));
        this.clusterNodes = source(watching(ClusterNode.class, waking::onNode));
        this.clusterNodes.addIndexers(Map.of(BY_VM, VmEventSources::vmsOfInventory));
        this.offers = source(watching(ClusterNode.class, node -> waking.all())
                .withName("offers")
                .withOnUpdateFilter((now, before) ->
                        !MigrationTargetProperties.of(now).equals(MigrationTargetProperties.of(before))));
        this.offers.addIndexers(Map.of(BY_VM, VmEventSources::vmsOfInventory));
        this.kubernetesNodes = source(watching(Node.class, node -> waking.all())
                .withOnUpdateFilter((now, before) -> !labels(now).equals(labels(before))
                        || !Objects.equals(
                                now.getSpec().getTaints(), before.getSpec().getTaints())
                        || !Objects.equals(
                                now.getSpec().getUnschedulable(),
                                before.getSpec().getUnschedulable())));
        this.locations = source(watching(StorageLocation.class, location -> waking.unsettled()));
        this.sharing = source(watching(StorageLocation.class, location -> waking.all())
                .withName("sharing")
                .withOnUpdateFilter((now, before) -> !groups(now).equals(groups(before))));
        this.keys = source(watching(Secret.class, waking::ofKey)
                .withNamespaces(room.namespace())
                .withFieldSelector(ofType(Api.PROTECTION_KEY_TYPE)));
    }

    private static FieldSelector ofType(String type) {
        return new FieldSelector(List.of(new FieldSelector.Field("type", type)));
    }

    List<EventSource<?, TrustedLaunchVM>> all() {
        return List.of(
                incarnations,
                migrations,
                images,
                policies,
                catalogs,
                keptCatalogs,
                clusterNodes,
                offers,
                kubernetesNodes,
                locations,
                sharing,
                keys,
                new AgentLivenessEventSource(room.liveness(), waking));
    }

    private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watching(
            Class<R> kind, SecondaryToPrimaryMapper<R> wakes) {
        return InformerEventSourceConfiguration.from(kind, TrustedLaunchVM.class)
                .withSecondaryToPrimaryMapper(wakes);
    }

    private <R extends HasMetadata> InformerEventSource<R, TrustedLaunchVM> source(
            InformerEventSourceConfiguration.Builder<R> configuration) {
        return new InformerEventSource<>(configuration.build(), context);
    }

    private static boolean isOtherGeneration(HasMetadata now, HasMetadata before) {
        return !now.getMetadata().getGeneration().equals(before.getMetadata().getGeneration());
    }

    private static Object groups(StorageLocation location) {
        return Optional.ofNullable(location.getStatus()).map(status -> IncarnationBuilder.orEmpty(status.groups()));
    }

    private static Object labels(Node node) {
        return Optional.<Object>ofNullable(node.getMetadata().getLabels()).orElse("");
    }

    /**
     * Those that this process just made or changed are found by their VM's name, before the watch brings them; one that
     * stayed of a former owner, by what both have in common.
     */
    @Override
    public List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm) {
        Stream<VMIncarnation> byName = incarnations.getSecondaryResources(vm).stream()
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(vm.identity()));
        Stream<VMIncarnation> byIdentity = incarnations.byIndex(BY_VM, vm.identity()).stream();
        return Stream.concat(byName, byIdentity)
                .map(ResourceID::fromResource)
                .distinct()
                .flatMap(id -> incarnations.get(id).stream())
                .toList();
    }

    @Override
    public List<VMIncarnation> allIncarnations() {
        return list(incarnations);
    }

    @Override
    public List<VMIncarnation> knownIncarnationsOf(String identity) {
        return incarnations.byIndex(BY_VM, identity);
    }

    @Override
    public List<TrustedLaunchVM> vmsIn(String namespace) {
        return waking.in(namespace);
    }

    @Override
    public List<TrustedLaunchVM> vmsKeepingApartIn(String namespace) {
        return waking.keepingApartIn(namespace);
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
    public List<GuestImage> images() {
        return list(images);
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
    public List<Secret> keptCatalogs() {
        return list(keptCatalogs);
    }

    @Override
    public List<ClusterNode> clusterNodes() {
        return NewestVersions.of(list(clusterNodes), list(offers));
    }

    @Override
    public List<ClusterNode> nodesThatKnow(String identity) {
        return NewestVersions.of(clusterNodes.byIndex(BY_VM, identity), offers.byIndex(BY_VM, identity));
    }

    private static List<String> vmsOfInventory(ClusterNode node) {
        return Optional.ofNullable(node.getStatus())
                .map(ClusterNodeStatus::inventory)
                .map(inventory -> IncarnationBuilder.orEmpty(inventory.domains()))
                .orElseGet(List::of)
                .stream()
                .map(ClusterNodeStatus.Domain::vmUID)
                .toList();
    }

    @Override
    public Optional<Node> kubernetesNode(String name) {
        return kubernetesNodes.get(new ResourceID(name));
    }

    @Override
    public List<StorageLocation> locations() {
        return NewestVersions.of(list(locations), list(sharing));
    }

    @Override
    public Optional<Secret> key(String vmUid) {
        return keys.get(new ResourceID(vmUid, room.namespace()));
    }

    private static <R extends HasMetadata> List<R> list(ManagedInformerEventSource<R, ?, ?> source) {
        Stream<R> all = source.list(resource -> true);
        return all.toList();
    }

    @Override
    public void created(HasMetadata resource) {
        ResourceID id = ResourceID.fromResource(resource);
        switch (resource) {
            case VMIncarnation incarnation -> incarnations.handleRecentResourceCreate(id, incarnation);
            case Secret secret -> keys.handleRecentResourceCreate(id, secret);
            default -> throw new IllegalArgumentException("nothing caches a " + resource.getKind());
        }
    }

    @Override
    public void updated(HasMetadata resource, HasMetadata before) {
        ResourceID id = ResourceID.fromResource(resource);
        switch (resource) {
            case VMIncarnation incarnation ->
                incarnations.handleRecentResourceUpdate(id, incarnation, (VMIncarnation) before);
            case Secret secret -> keys.handleRecentResourceUpdate(id, secret, (Secret) before);
            case TrustedLaunchVM vm -> waking.remember(id, vm, (TrustedLaunchVM) before);
            default -> throw new IllegalArgumentException("nothing caches a " + resource.getKind());
        }
    }
}
