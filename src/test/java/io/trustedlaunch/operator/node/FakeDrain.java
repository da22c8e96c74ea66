package io.trustedlaunch.operator.node;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The real drains of one process of the operator, over what its watches have brought; no Kubernetes Node is drained. */
public record FakeDrain(InstantSource clock) {
    private static final DrainBudget BUDGET = new DrainBudget(2, 3);

    /** Over all nodes. */
    public void pass(FakeApiServer cache, ResourceWriter writer) {
        NodeDrain drain = new NodeDrain(new Seen(cache), writer, BUDGET, clock);
        cache.seen(ClusterNode.class).forEach(drain::over);
    }

    private record Seen(FakeApiServer cache) implements DrainCaches {
        @Override
        public boolean isEvicted(String node) {
            return false;
        }

        @Override
        public List<VMIncarnation> incarnationsOn(String node) {
            return cache.seen(VMIncarnation.class)
                    .filter(incarnation -> incarnation.getSpec().nodeName().equals(node))
                    .toList();
        }

        @Override
        public List<VMMigration> migrations() {
            return cache.seen(VMMigration.class).toList();
        }

        @Override
        public Optional<TrustedLaunchVM> vm(String namespace, String name) {
            return cache.find(TrustedLaunchVM.class, name);
        }

        @Override
        public void created(VMMigration migration) {
            cache.learn(migration);
        }
    }
}
