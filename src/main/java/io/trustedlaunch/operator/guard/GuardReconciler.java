package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.incarnation.NodeUse;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the pods that stand for the VMs of a node as long as VMs need it. */
@ControllerConfiguration(
        name = "guard",
        informer = @Informer(onUpdateFilter = Cordoned.class),
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 2, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class GuardReconciler implements Reconciler<Node> {
    private static final Logger LOG = LoggerFactory.getLogger(GuardReconciler.class);

    /** The ServiceAccount of the pods, from the chart; it has no role. */
    public static final String ACCOUNT = "trusted-launch-guard";

    private static final String BY_NODE = "guarded-node";

    private final String namespace;
    private final String image;
    private final Supplier<Optional<ServiceAccount>> account;
    private final Predicate<String> cordoned;
    private final ResourceWriter writer;
    private final InstantSource clock;
    private WatchCache<VMIncarnation> incarnations;
    private GuardPods pods;

    /**
     * @param namespace the operator's own
     * @param image has a program {@code sleep}
     * @param account reads the ServiceAccount of the pods, which owns them, from the API server
     * @param cordoned reads from the API server whether the Node with this name is cordoned
     * @param clock of the API server, which sets creation times
     */
    public GuardReconciler(
            String namespace,
            String image,
            Supplier<Optional<ServiceAccount>> account,
            Predicate<String> cordoned,
            ResourceWriter writer,
            InstantSource clock) {
        this.namespace = namespace;
        this.image = image;
        this.account = account;
        this.cordoned = cordoned;
        this.writer = writer;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Node>> prepareEventSources(EventSourceContext<Node> context) {
        Watches<Node> watches = new Watches<>(context);
        incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(NodeUse::needsNode)
                .indexedBy(BY_NODE, incarnation -> incarnation.getSpec().nodeName())
                .triggersNamed(incarnation -> incarnation.getSpec().nodeName());
        pods = new GuardPods(watches, namespace);
        return watches.all();
    }

    @Override
    public UpdateControl<Node> reconcile(Node node, Context<Node> context) {
        return Reconciliation.of(() -> {
            String name = node.getMetadata().getName();
            GuardPlan plan = GuardPlanner.plan(gather(node));
            plan.delete().forEach(pod -> {
                writer.delete(pod);
                LOG.info("Deleted pod {}", pod.getMetadata().getName());
            });
            plan.create().forEach(role -> create(role, name));
            return plan.nextPass();
        });
    }

    private GuardFacts gather(Node node) {
        String name = node.getMetadata().getName();
        Optional<Pod> guard = pods.find(GuardRole.Guard, name);
        Optional<Pod> signal = pods.find(GuardRole.DrainSignal, name);
        return GuardFactsBuilder.builder()
                .needed(incarnations.byIndex(BY_NODE, name).stream().anyMatch(NodeUse::needsNode))
                .cordoned(GuardFacts.isCordoned(Cordoned.is(node), () -> cordoned.test(name), guard, signal))
                .guard(guard)
                .drainSignal(signal)
                .now(clock.instant())
                .build();
    }

    private void create(GuardRole role, String node) {
        ServiceAccount owner = account.get()
                .orElseThrow(() -> new IllegalStateException("ServiceAccount " + ACCOUNT + " is missing in "
                        + namespace + ": the chart installs it. Without it, kubectl drain does not wait for the VMs on "
                        + node));
        pods.created(writer.createIfAbsent(GuardPod.of(role, node, image, owner)));
        LOG.info("Created pod {}, as VMs need the node", role.podName(node));
    }
}
