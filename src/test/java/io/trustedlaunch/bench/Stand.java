package io.trustedlaunch.bench;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** A control plane, an operator, and nodes with VMs from one image. */
final class Stand implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** The first operator after a crowd has grown seals an envelope for each VM of it, some hundred in a second. */
    private static final Duration UNTIL_QUIET = Duration.ofMinutes(10);
    private static final Duration GLANCE = Duration.ofSeconds(1);
    private static final int GLANCES = 3;
    /** Of one core, while nothing happens. */
    private static final double QUIET = 0.05;

    private final Scale scale;
    private final Cluster cluster = new Cluster();
    private final Lab lab = Lab.fromEnvironment();
    private final Path root;
    private final OperatorJvm operator;
    private final SimulatedGuests guests = new SimulatedGuests();
    private final Map<String, BenchNode> nodes = new LinkedHashMap<>();
    private final Offer offer;
    private final Load load;
    private final VmWatch watch;
    private final RawWrites raw;

    /** @param options of the operator's JVM */
    Stand(Scale scale, List<String> options, Path logs) throws IOException {
        this.scale = scale;
        this.root = Files.createTempDirectory(memory(), "bench");
        cluster.beforeAll(null);
        // Of an earlier run: a leader waits for all nodes.
        cluster.admin().resources(ClusterNode.class).delete();
        // The chart's is a folder of a real host.
        cluster.admin().resources(StorageLocation.class).withName("default").delete();
        this.operator = new OperatorJvm(cluster, logs, options);
        this.offer = new Offer(cluster, root);
        this.load = new Load(cluster.admin(), offer);
        this.watch = new VmWatch(cluster.admin(), offer.namespace());
        this.raw = new RawWrites(cluster.admin(), offer.namespace());
    }

    /** Returns when all nodes are ready. */
    void start() throws IOException {
        operator.start();
        for (int i = 0; i < scale.nodes(); i++) {
            Node node = cluster.node(Cluster.uniqueName("bench"));
            nodes.put(node.getMetadata().getName(), BenchNode.of(cluster, node, root, guests));
        }
        nodes.values().forEach(BenchNode::start);
        awaitNodes();
    }

    String anyNode() {
        return nodes.keySet().iterator().next();
    }

    /** It loses its power. */
    void crash(String node) {
        nodes.remove(node).close();
    }

    void awaitNodes() {
        await("nodes to be ready").atMost(PATIENCE).until(this::nodesAreReady);
    }

    /** So that no figure depends on the disk. */
    private static Path memory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private boolean nodesAreReady() {
        operator.requireAlive();
        List<ClusterNode> all =
                cluster.admin().resources(ClusterNode.class).list().getItems();
        return all.size() >= scale.nodes() && all.stream().allMatch(Stand::isReady);
    }

    private static boolean isReady(ClusterNode node) {
        return node.getStatus() != null
                && ConditionType.Ready.in(node.getStatus().conditions())
                        .filter(ready -> ready.getStatus().equals("True"))
                        .isPresent();
    }

    Scale scale() {
        return scale;
    }

    Cluster cluster() {
        return cluster;
    }

    OperatorJvm operator() {
        return operator;
    }

    Load load() {
        return load;
    }

    VmWatch watch() {
        return watch;
    }

    RawWrites raw() {
        return raw;
    }

    Offer offer() {
        return offer;
    }

    Path root() {
        return root;
    }

    Part apiServer() throws IOException {
        return part("kube-apiserver");
    }

    Part etcd() throws IOException {
        return part("etcd");
    }

    private Part part(String name) throws IOException {
        return Part.in(lab.folder().resolve("run").resolve(name + ".pid"));
    }

    AuditLog audit() {
        return new AuditLog(lab.auditLog());
    }

    /** What the product has requested since then, except for its Leases. */
    List<AuditLog.Request> requestsSince(long end, Predicate<AuditLog.Request> filter) {
        return audit().productRequests(end, request -> !request.resource().equals("leases") && filter.test(request));
    }

    void awaitNode(String name) {
        await("node " + name)
                .atMost(PATIENCE)
                .until(() -> Optional.ofNullable(cluster.admin()
                                .resources(ClusterNode.class)
                                .withName(name)
                                .get())
                        .filter(Stand::isReady)
                        .isPresent());
    }

    /**
     * Returns when the operator has nothing to do any more: while it has, other processes may take the processors for one
     * glance, and not for several.
     *
     * @return since when, by {@link System#nanoTime}
     */
    long awaitQuiet() throws InterruptedException {
        long since = System.nanoTime();
        long end = since + UNTIL_QUIET.toNanos();
        while (System.nanoTime() < end) {
            Duration before = operator.part().cpu();
            Thread.sleep(GLANCE);
            operator.requireAlive();
            if (operator.part().cpu().minus(before).toNanos() > QUIET * GLANCE.toNanos()) {
                since = System.nanoTime();
            } else if (System.nanoTime() - since > GLANCES * GLANCE.toNanos()) {
                return since;
            }
        }
        throw new IllegalStateException("the operator is still busy after " + UNTIL_QUIET.toSeconds() + " s");
    }

    /** Every node has its copy of the image, and one VM has had a life, so that nothing is done for the first time. */
    void warmUp(int vms) throws InterruptedException {
        List<String> names = load.names(vms);
        load.createAll(names);
        watch.awaitAddressed(names, PATIENCE, operator::requireAlive);
        load.deleteAll(names);
        watch.awaitGone(names, PATIENCE, operator::requireAlive);
        await("image copies")
                .atMost(PATIENCE)
                .until(() -> cluster.admin().resources(ImageCopy.class).list().getItems().stream()
                        .allMatch(copy -> copy.getStatus() != null));
        awaitQuiet();
    }

    @Override
    public void close() throws InterruptedException {
        watch.close();
        load.close();
        operator.close();
        nodes.values().forEach(BenchNode::close);
        cluster.admin().resources(ClusterNode.class).delete();
        guests.close();
        cluster.afterAll(null);
        deleteTree(root);
    }

    private static void deleteTree(Path folder) {
        try {
            FileTree.of(folder).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
