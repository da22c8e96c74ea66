package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** VMs created at a rate that leaves time for each. */
final class Latency implements Row {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** No further round begins after that. */
    private static final Duration ENOUGH = Duration.ofMinutes(5);

    private static final Duration INTERVAL = Duration.ofMillis(100);
    private static final int RAW = 300;
    private static final double P99_MILLISECONDS = 250;
    private static final double OF_RAW = 6;

    private final List<Double> p50 = new ArrayList<>();
    private final List<Double> p95 = new ArrayList<>();
    private final List<Double> p99 = new ArrayList<>();
    private final List<Pair> ofRaw = new ArrayList<>();

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String summary() {
        return "from the creation of a VM until it runs, ten creations a second";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Stand stand = run.stand();
        stand.warmUp(stand.scale().nodes());
        long begin = System.nanoTime();
        double[] raw = stand.raw().latencies(RAW);
        for (int round = 0; round < stand.scale().rounds() && System.nanoTime() - begin < ENOUGH.toNanos(); round++) {
            double[] took = round(stand);
            double[] rawAfter = stand.raw().latencies(RAW);
            p50.add(Figure.percentile(took, 50));
            p95.add(Figure.percentile(took, 95));
            p99.add(Figure.percentile(took, 99));
            double[] around = DoubleStream.concat(DoubleStream.of(raw), DoubleStream.of(rawAfter))
                    .toArray();
            ofRaw.add(new Pair(p99.getLast(), Figure.percentile(around, 99)));
            raw = rawAfter;
        }
        return List.of(
                Figure.of("create → Running, p50", "ms", p50),
                Figure.of("p95", "ms", p95),
                Figure.of("p99", "ms", p99).atMost(P99_MILLISECONDS),
                Figure.ratio("p99 ÷ p99 of one raw write", ofRaw)
                        .atMost(OF_RAW)
                        .noting("raw " + Figure.number(ofRaw.getLast().other()) + " ms"));
    }

    private static double[] round(Stand stand) throws Exception {
        int count = Math.toIntExact(stand.scale().steady().dividedBy(INTERVAL));
        List<String> names = stand.load().names(count);
        stand.load().createSteadily(names, INTERVAL);
        stand.watch().awaitRunning(names, PATIENCE, stand.operator()::requireAlive);
        double[] took = names.stream()
                .mapToDouble(name -> (stand.watch().running(name) - stand.load().asked(name)) / 1e6)
                .toArray();
        stand.watch().awaitAddressed(names, PATIENCE, stand.operator()::requireAlive);
        stand.load().deleteAll(names);
        stand.watch().awaitGone(names, PATIENCE, stand.operator()::requireAlive);
        stand.awaitQuiet();
        return took;
    }
}
