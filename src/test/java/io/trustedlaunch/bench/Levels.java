package io.trustedlaunch.bench;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.testkit.AuditLog.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the operator needs with so many VMs there: each number is measured once, for all rows, in ascending order. */
final class Levels implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** For figures of an operator that has died with its usual options. */
    private static final List<String> MORE_MEMORY = List.of("-Xmx6g", "-XX:+UseSerialGC");

    private static final double MEBIBYTE = 1 << 20;

    private final Stand stand;
    private final Crowd crowd;
    private final Map<Integer, Level> levels = new TreeMap<>();

    /**
     * @param restart seconds until a new operator had nothing to do any more
     * @param lists requests by kind: what the new operator listed
     * @param most resident at any moment since it was started, so also while it read its lists
     * @param batch seconds for a batch of VMs more
     * @param note what was different
     */
    @RecordBuilder
    record Level(
            int vms,
            double restart,
            List<Request> requests,
            double idlePercent,
            double idleWrites,
            double resident,
            double most,
            double live,
            double batch,
            Optional<String> note) {
        Map<String, Long> lists() {
            return requests.stream()
                    .filter(request -> request.verb().equals("list"))
                    .filter(request -> !request.uri().contains("continue="))
                    .collect(Collectors.groupingBy(Request::resource, TreeMap::new, Collectors.counting()));
        }

        Figure noted(Figure figure) {
            return note.map(figure::noting).orElse(figure);
        }
    }

    Levels(Stand stand) {
        this.stand = stand;
        this.crowd = new Crowd(stand);
    }

    /** All of them, in ascending order. */
    List<Level> all() throws IOException, InterruptedException {
        if (levels.isEmpty()) {
            crowd.prepare();
        }
        for (int vms : stand.scale().crowds()) {
            if (!levels.containsKey(vms)) {
                levels.put(vms, measure(vms));
            }
        }
        return List.copyOf(levels.values());
    }

    private Level measure(int vms) throws IOException, InterruptedException {
        stand.operator().stop();
        crowd.growTo(vms);
        try {
            return restart(vms, Optional.empty());
        } catch (IllegalStateException e) {
            if (stand.operator().isAlive()) {
                throw e;
            }
            String died = "died with " + String.join(" ", stand.operator().options());
            stand.operator().stop();
            stand.operator().setOptions(MORE_MEMORY);
            return restart(vms, Optional.of(died));
        }
    }

    private Level restart(int vms, Optional<String> note) throws IOException, InterruptedException {
        // The first of them writes what it finds different with more VMs there.
        stand.operator().start();
        stand.awaitQuiet();
        double restart;
        long logged;
        Map<String, List<?>> before;
        do {
            before = found();
            stand.operator().stop();
            logged = stand.audit().end();
            long begin = System.nanoTime();
            stand.operator().start();
            restart = (stand.awaitQuiet() - begin) / 1e9;
        } while (!found().equals(before));
        List<Request> requests =
                stand.requestsSince(logged, request -> request.user().equals("trusted-launch-operator"));
        Processors used = Processors.now(stand);
        long idle = stand.audit().end();
        Thread.sleep(stand.scale().idle());
        double percent = Processors.now(stand).since(used, Processors.OPERATOR, 1)
                / stand.scale().idle().toMillis()
                * 100;
        int idleWrites = stand.requestsSince(idle, Request::writes).size();
        double resident = stand.operator().part().residentBytes() / MEBIBYTE;
        double most = stand.operator().part().mostResidentBytes() / MEBIBYTE;
        double live = stand.operator().liveHeapBytes() / MEBIBYTE;
        return LevelsLevelBuilder.builder()
                .vms(vms)
                .restart(restart)
                .requests(requests)
                .idlePercent(percent)
                .idleWrites(idleWrites)
                .resident(resident)
                .most(most)
                .live(live)
                .batch(batch())
                .note(note)
                .build();
    }

    /** What agents found in storage locations: it changes for minutes after their start, and the operator writes it down. */
    private Map<String, List<?>> found() {
        return stand.cluster().admin().resources(ClusterNode.class).list().getItems().stream()
                .collect(Collectors.toMap(
                        node -> node.getMetadata().getName(),
                        node -> node.getStatus().storageLocations()));
    }

    private double batch() throws InterruptedException {
        List<String> names = new ArrayList<>(stand.load().names(stand.scale().batch()));
        long begin = stand.load().createAll(names);
        stand.watch().awaitRunning(names, PATIENCE, stand.operator()::requireAlive);
        double seconds = (stand.watch().allRunning(names) - begin) / 1e9;
        stand.watch().awaitAddressed(names, PATIENCE, stand.operator()::requireAlive);
        stand.load().deleteAll(names);
        stand.watch().awaitGone(names, PATIENCE, stand.operator()::requireAlive);
        return seconds;
    }

    @Override
    public void close() {
        crowd.close();
    }
}
