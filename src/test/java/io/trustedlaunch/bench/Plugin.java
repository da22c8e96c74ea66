package io.trustedlaunch.bench;

import io.trustedlaunch.testkit.Cluster;
import java.util.List;
import java.util.regex.Pattern;

/** What somebody who waits for {@code kubectl tlvm} waits for, beside kubectl. */
final class Plugin implements Row {
    private static final int ROUNDS = 7;
    private static final double OF_KUBECTL = 10;
    private static final Pattern IMAGES = Pattern.compile("images (\\d+) ms; kubectl get (\\d+) ms");
    private static final Pattern HELP = Pattern.compile("help (\\d+) ms; kubectl --help (\\d+) ms");

    @Override
    public String name() {
        return "plugin";
    }

    @Override
    public String summary() {
        return "processor time of kubectl tlvm images and --help, beside kubectl";
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        Cluster cluster = new Cluster();
        cluster.beforeAll(null);
        try {
            List<String> printed = run.lanes().script("bench-plugin", Integer.toString(ROUNDS));
            List<Figure.Pair> images = Lanes.pairs(printed, IMAGES);
            List<Figure.Pair> help = Lanes.pairs(printed, HELP);
            return List.of(
                    Figure.of(
                            "images",
                            "ms",
                            images.stream().map(Figure.Pair::ours).toList()),
                    Figure.ratio("images ÷ kubectl get", images).atMost(OF_KUBECTL),
                    Figure.of(
                            "--help", "ms", help.stream().map(Figure.Pair::ours).toList()),
                    Figure.ratio("--help ÷ kubectl --help", help));
        } finally {
            cluster.afterAll(null);
        }
    }
}
