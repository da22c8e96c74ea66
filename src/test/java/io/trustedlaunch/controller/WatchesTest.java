package io.trustedlaunch.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.config.BaseConfigurationService;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.InformerConfiguration;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Constants;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.testkit.FakePrimaries;
import io.trustedlaunch.testkit.FakeWatch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Nodes are the primaries here, and ConfigMaps are watched. */
class WatchesTest {
    private static final String NAMESPACE = "somewhere";
    private static final Node NODE_A = node("host-a");
    private static final Node NODE_B = node("host-b");

    private final FakeWatch<ConfigMap> server = new FakeWatch<>(ConfigMap.class);
    private final io.javaoperatorsdk.operator.api.config.ControllerConfiguration<Node> controller =
            new BaseConfigurationService().getConfigurationFor(new OfNodes());
    private final Watches<Node> watches = new Watches<>(
            new EventSourceContext<>(new FakePrimaries<>(NODE_A, NODE_B), controller, server.client(), Node.class));
    private final Watch<ConfigMap, Node> maps = watches.of(ConfigMap.class);
    private final ConfigMap map = map("host-a", 1);

    @Test
    void aWatchIsWhereItsControllerIsUnlessItSaysMore() {
        maps.triggersNone();
        assertThat(informer().getNamespaces()).isEqualTo(Constants.SAME_AS_CONTROLLER_NAMESPACES_SET);
        watches.of(ConfigMap.class).in(NAMESPACE).triggersNone();
        assertThat(informer().getNamespaces()).containsExactly(NAMESPACE);
        watches.of(ConfigMap.class).inAllNamespaces().triggersNone();
        assertThat(informer().getNamespaces()).isEqualTo(Constants.WATCH_ALL_NAMESPACE_SET);
    }

    @Test
    void aWatchSelectsByLabelOrType() {
        maps.labelled("guard").named("guards").triggersNone();
        assertThat(informer().getLabelSelector()).isEqualTo("guard");
        assertThat(declared().name()).isEqualTo("guards");
        watches.of(Secret.class).ofType("key").triggersNone();
        assertThat(informer().getFieldSelector().getFields()).containsExactly(new FieldSelector.Field("type", "key"));
    }

    @Test
    void eachEventCountsUnlessItIsFilteredOut() {
        maps.triggersNone();
        assertThat(Stream.of(
                        informer().getOnAddFilter(),
                        informer().getOnUpdateFilter(),
                        informer().getOnDeleteFilter(),
                        informer().getGenericFilter()))
                .containsOnlyNulls();
    }

    @Test
    void updatesCountThatChangeAPart() {
        ConfigMap changed = map("host-a", 1);
        changed.setData(Map.of("key", "another"));
        ConfigMap next = map("host-a", 1);
        next.getMetadata().setGeneration(2L);
        maps.onChangeOf(ConfigMap::getData).triggersNone();
        assertThat(countsNow(changed)).isTrue();
        assertThat(countsNow(next)).isFalse();
        watches.of(ConfigMap.class).onChangeOfSpec().triggersNone();
        assertThat(countsNow(changed)).isFalse();
        assertThat(countsNow(next)).isTrue();
        watches.of(ConfigMap.class).onNoUpdate().triggersNone();
        assertThat(countsNow(changed)).isFalse();
        assertThat(countsNow(next)).isFalse();
    }

    @Test
    void aNewObjectCountsIfTheWatchWantsIt() {
        maps.onAddIf(added -> added.getData() == null).triggersNone();
        assertThat(addCounts(map)).isFalse();
        map.setData(null);
        assertThat(addCounts(map)).isTrue();
    }

    @Test
    void aWatchTriggersNoneOrAllOrThoseThatItNames() {
        ResourceID hostA = ResourceID.fromResource(NODE_A);
        ResourceID hostB = ResourceID.fromResource(NODE_B);
        maps.triggersNone();
        assertThat(triggered()).isEmpty();
        watches.of(ConfigMap.class).triggersAll();
        assertThat(triggered()).containsExactlyInAnyOrder(hostA, hostB);
        watches.of(ConfigMap.class).triggersNamesake();
        assertThat(triggered()).containsExactly(hostA);
        watches.of(ConfigMap.class).triggersNamed(any -> "host-c");
        assertThat(triggered()).as("nothing looks for it").containsExactly(new ResourceID("host-c"));
        watches.of(ConfigMap.class)
                .triggersMatching((any, node) ->
                        !node.getMetadata().getName().equals(any.getMetadata().getName()));
        assertThat(triggered()).containsExactly(hostB);
        watches.of(ConfigMap.class).triggersEach(any -> List.of(NODE_B));
        assertThat(triggered()).containsExactly(hostB);
        watches.of(ConfigMap.class).triggers(any -> Set.of(hostB));
        assertThat(triggered()).containsExactly(hostB);
    }

    /** The SDK indexes where there is no mapper, and never forgets a primary whose secondaries remain. */
    @Test
    void noWatchKeepsAnIndexOfPrimariesThatAreGoneUnlessItAsksForIt() {
        maps.triggersAll();
        assertThat(declared().<Node>getPrimaryToSecondaryMapper().toSecondaryResourceIDs(NODE_A))
                .isEmpty();
        watches.of(ConfigMap.class).isSecondaryOf(any -> Set.of());
        assertThat(declared().getPrimaryToSecondaryMapper()).isNull();
    }

    @Test
    void whatIsListedIsFoundByNameAndByIndex() {
        WatchCache<ConfigMap> cache = maps.in(NAMESPACE)
                .indexedBy("key", any -> any.getData().get("key"))
                .indexedByEach("keys", any -> any.getData().keySet().stream())
                .triggersNone();
        server.has(List.of(map));
        assertThat(cache.isRunning()).isFalse();
        start();
        assertThat(cache.isRunning()).isTrue();
        assertThat(cache.all()).containsExactly(map);
        assertThat(cache.get("host-a")).contains(map);
        assertThat(cache.get(NAMESPACE, "host-a")).contains(map);
        assertThat(cache.get("elsewhere", "host-a")).isEmpty();
        assertThat(cache.byIndex("key", "value")).containsExactly(map);
        assertThat(cache.byIndex("keys", "key")).containsExactly(map);
        assertThat(cache.byIndex("keys", "value")).isEmpty();
    }

    @Test
    void anOwnWriteIsFoundBeforeTheWatchBringsIt() {
        SecondaryCache<ConfigMap, Node> cache = maps.isSecondaryOf(
                any -> Set.of(new ResourceID(any.getMetadata().getName())));
        start();
        assertThat(cache.of(NODE_A)).isEmpty();
        assertThat(cache.created(map)).isSameAs(map);
        assertThat(cache.get(NAMESPACE, "host-a")).contains(map);
        assertThat(cache.of(NODE_A)).containsExactly(map);
        assertThat(cache.of(NODE_B)).isEmpty();
        assertThat(cache.all()).as("as the watch has them").isEmpty();
        ConfigMap changed = map("host-a", 2);
        assertThat(cache.updated(changed, map)).isSameAs(changed);
        assertThat(cache.of(NODE_A)).containsExactly(changed);
    }

    @Test
    void theSourcesAreThoseDeclaredAndThoseAdded() {
        maps.triggersNone();
        InformerEventSource<ConfigMap, Node> own = source();
        watches.of(Secret.class)
                .through((configuration, context) -> new InformerEventSource<>(configuration, context) {})
                .triggersNone();
        assertThat(watches.all()).hasSize(2).first().isSameAs(own);
        assertThat(source().getClass()).isNotEqualTo(InformerEventSource.class);
        watches.add(own);
        assertThat(watches.all()).hasSize(3).last().isSameAs(own);
    }

    private boolean countsNow(ConfigMap now) {
        return this.<ConfigMap>informer().getOnUpdateFilter().accept(now, map);
    }

    private boolean addCounts(ConfigMap added) {
        return this.<ConfigMap>informer().getOnAddFilter().accept(added);
    }

    private Set<ResourceID> triggered() {
        return this.<ConfigMap>declared().getSecondaryToPrimaryMapper().toPrimaryResourceIDs(map);
    }

    private <R extends HasMetadata> InformerConfiguration<R> informer() {
        return this.<R>declared().getInformerConfig();
    }

    private <R extends HasMetadata> InformerEventSourceConfiguration<R> declared() {
        return this.<R>source().configuration();
    }

    /** The last one. */
    @SuppressWarnings("unchecked")
    private <R extends HasMetadata> InformerEventSource<R, Node> source() {
        return (InformerEventSource<R, Node>) watches.all().getLast();
    }

    private void start() {
        FakeWatch.start(source(), controller);
    }

    private static Node node(String name) {
        return new NodeBuilder().withNewMetadata().withName(name).endMetadata().build();
    }

    private static ConfigMap map(String name, long version) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(name)
                .withGeneration(1L)
                .withResourceVersion(Long.toString(version))
                .endMetadata()
                .withData(Map.of("key", "value"))
                .build();
    }

    @ControllerConfiguration
    private static final class OfNodes implements Reconciler<Node> {
        @Override
        public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
            return UpdateControl.noUpdate();
        }
    }
}
