package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import io.trustedlaunch.testkit.AuditLog.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Many VMs at once. */
final class Burst implements Row {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** No further round begins after that. */
    private static final Duration ENOUGH = Duration.ofMinutes(6);

    private static final double VMS_PER_SECOND = 50;
    private static final double OF_RAW = 0.5;
    private static final double CPU_OF_A_LIFE = 40;

    private final List<Double> started = new ArrayList<>();
    private final List<Double> deleted = new ArrayList<>();
    private final List<Double> writesOfALife = new ArrayList<>();
    private final List<Double> failing = new ArrayList<>();
    /** In all rounds, by who failed at what. */
    private final Map<String, Integer> failures = new TreeMap<>();

    private final Map<String, List<Double>> readsOfALife = new TreeMap<>();
    private final List<Double> resident = new ArrayList<>();
    private final List<Pair> ofRaw = new ArrayList<>();
    private final Map<String, List<Double>> cpuOfAStart = new LinkedHashMap<>();
    private final List<Double> cpuOfALife = new ArrayList<>();

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public String summary() {
        return "VMs created at once and deleted at once, beside what the API server can do";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Stand stand = run.stand();
        stand.warmUp(stand.scale().nodes());
        long begin = System.nanoTime();
        double raw = stand.raw().perSecond(stand.scale().raw());
        for (int round = 0; round < stand.scale().rounds() && System.nanoTime() - begin < ENOUGH.toNanos(); round++) {
            double writes = round(stand);
            double rawAfter = stand.raw().perSecond(stand.scale().raw());
            ofRaw.add(new Pair(writes, (raw + rawAfter) / 2));
            raw = rawAfter;
        }
        return figures(stand.scale().burst());
    }

    /** Returns the writes in a second while the VMs were started. */
    private double round(Stand stand) throws Exception {
        List<String> names = stand.load().names(stand.scale().burst());
        int vms = names.size();
        long logged = stand.audit().end();
        Processors before = Processors.now(stand);
        long begin = stand.load().createAll(names);
        stand.watch().awaitRunning(names, PATIENCE, stand.operator()::requireAlive);
        double seconds = (stand.watch().allRunning(names) - begin) / 1e9;
        List<Request> writes = stand.requestsSince(logged, Request::writes);
        Processors running = Processors.now(stand);
        started.add(vms / seconds);
        running.used()
                .keySet()
                .forEach(part -> cpuOfAStart
                        .computeIfAbsent(part, key -> new ArrayList<>())
                        .add(running.since(before, part, vms)));
        stand.watch().awaitAddressed(names, PATIENCE, stand.operator()::requireAlive);
        resident.add(stand.operator().part().residentBytes() / 1048576.0);
        stand.awaitQuiet();
        begin = stand.load().deleteAll(names);
        stand.watch().awaitGone(names, PATIENCE, stand.operator()::requireAlive);
        deleted.add(vms / ((stand.watch().allGone(names) - begin) / 1e9));
        stand.awaitQuiet();
        cpuOfALife.add(Processors.now(stand).since(before, Processors.OPERATOR, vms));
        countReads(stand.audit().productRequests(logged, Burst::isSingleRead), vms);
        List<Request> all = stand.requestsSince(logged, Request::writes);
        writesOfALife.add((double) all.size() / vms);
        List<Request> failed = all.stream().filter(Request::failed).toList();
        failing.add((double) failed.size());
        failed.forEach(request -> failures.merge(
                request.user() + " " + request.verb() + " " + request.resource() + " " + request.code(),
                1,
                Integer::sum));
        return (writes.size() + vms) / seconds;
    }

    /** Past its caches. Of Leases, those that renew the leadership are among them. */
    private static boolean isSingleRead(Request request) {
        return request.user().equals("trusted-launch-operator")
                && request.verb().equals("get");
    }

    private void countReads(List<Request> reads, int vms) {
        reads.stream()
                .collect(Collectors.groupingBy(Request::resource, Collectors.counting()))
                .forEach((resource, count) -> readsOfALife
                        .computeIfAbsent(resource, unseen -> new ArrayList<>())
                        .add((double) count / vms));
    }

    private List<Figure> figures(int vms) {
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.of(vms + " at once: started", "VM/s", started).atLeast(VMS_PER_SECOND));
        figures.add(Figure.ratio("writes/s ÷ raw writes/s of the API server", ofRaw)
                .atLeast(OF_RAW)
                .noting("raw " + Figure.number(ofRaw.getLast().other()) + "/s"));
        figures.add(Figure.of("deleted", "VM/s", deleted));
        figures.add(Figure.of("writes for a life", "", writesOfALife));
        figures.add(Figure.of("failing writes", "", failing)
                .atMost(0)
                .limitedTo(0)
                .noting(failures.isEmpty() ? "" : failures.toString()));
        readsOfALife.forEach((resource, counts) ->
                figures.add(Figure.of("  single reads of " + resource + " by the operator for a life", "", counts)));
        cpuOfAStart.forEach((part, values) -> figures.add(Figure.of("CPU of " + part + " for a start", "ms", values)));
        figures.add(Figure.of("CPU of operator for a life", "ms", cpuOfALife).atMost(CPU_OF_A_LIFE));
        figures.add(Figure.of("operator's memory after the start", "MiB", resident));
        return figures;
    }
}
