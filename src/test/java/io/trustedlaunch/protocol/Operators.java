package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.operator.vm.Leaderships;
import io.trustedlaunch.testkit.FakeApiServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The operators of a cluster, of which several may believe that they lead. */
final class Operators {
    private final FakeApiServer server;
    private final VirtualClock clock;
    private final List<OperatorProcess> all = new ArrayList<>();
    private Optional<RecoveryCertificate> recovery = Optional.empty();
    private Function<String, Leadership> leaderships =
            identity -> Leaderships.undisputed(identity, () -> raiseMark(identity));
    /** After a restore, a leader rises above every mark that agents remember. */
    private long lastMark;

    private int started;
    private int clusters = 1;

    Operators(FakeApiServer server, VirtualClock clock) {
        this.server = server;
        this.clock = clock;
    }

    /** All that believe that they lead; the last one does. */
    List<OperatorProcess> all() {
        return all;
    }

    OperatorProcess leader() {
        return all.getLast();
    }

    /** The only one from now on; agents have not answered it yet. */
    OperatorProcess newLeader() {
        all.clear();
        all.add(start());
        return leader();
    }

    /** Only what the Lease's holder does to its mark reaches the API server. */
    private void raiseMark(String identity) {
        if (leader().identity().equals(identity)) {
            Leaderships.mark(server, ++lastMark);
        }
    }

    /** Another operator leads; this one does not know it yet. */
    void add() {
        all.add(start());
    }

    /** Another operator leads instead of this one. */
    OperatorProcess succeed(OperatorProcess ended) {
        all.remove(ended);
        all.add(start());
        return leader();
    }

    private OperatorProcess start() {
        String identity = "operator-" + ++started;
        return new OperatorProcess(
                identity, leaderships.apply(identity), Leaderships.assignments(clusters), server, recovery, clock);
    }

    /** They hold the Lease on this API server from now on, and agents see its marks; else each has its own Lease. */
    void shareLease() {
        leaderships = identity -> Leaderships.takingOver(server, identity, clock::nanoTime);
        newLeader();
    }

    /** They escrow keys for it from now on. */
    void configure(RecoveryCertificate certificate) {
        recovery = Optional.of(certificate);
        newLeader();
    }

    /** With that data, and operators that have other keys, once it is restored. */
    void beginCluster(FakeApiServer data) {
        clusters++;
        data.put(new NamespaceBuilder()
                .withNewMetadata()
                .withName(FakeOperator.CLUSTER_NAMESPACE)
                .withUid("cluster-" + clusters)
                .endMetadata()
                .build());
    }
}
