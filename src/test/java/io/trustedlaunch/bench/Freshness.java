package io.trustedlaunch.bench;

import io.trustedlaunch.bench.Figure.Pair;
import java.util.List;
import java.util.regex.Pattern;

/** How soon changes of a real guest's TPM are durable in the VM's home. */
final class Freshness implements Row {
    private static final Pattern LINE = Pattern.compile("sealed (\\d+) bytes, durable after (\\d+) ms");

    @Override
    public String name() {
        return "freshness";
    }

    @Override
    public String summary() {
        return "from a change of a real guest's TPM until it is durable in the VM's home";
    }

    @Override
    public Place place() {
        return Place.HOSTS;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        run.hosts().start("DEBUG");
        List<Pair> sealed =
                Lanes.pairs(run.lanes().script("bench-freshness", run.hosts().lab()), LINE);
        double[] lags = sealed.stream().mapToDouble(Pair::other).toArray();
        return List.of(
                Figure.of("lag", "ms", sealed.stream().map(Pair::other).toList())
                        .noting("p99 " + Figure.number(Figure.percentile(lags, 99)) + " ms"),
                Figure.of(
                        "sealed at each change",
                        "B",
                        sealed.stream().map(Pair::ours).toList()));
    }
}
