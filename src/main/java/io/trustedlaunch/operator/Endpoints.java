package io.trustedlaunch.operator;

import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.process.TextPages.Text;
import io.trustedlaunch.process.TextServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** The ports that are open to the network. They are apart, so that no scraper of metrics gets in the way of a probe. */
final class Endpoints {
    private static final int CONNECTIONS = 64;
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(5);

    /** A scrape takes memory. */
    private static final int SCRAPERS = 4;

    private static final Duration LONGEST_SCRAPE = Duration.ofSeconds(30);

    private Endpoints() {}

    static TextServer health(int port, Readiness readiness) throws IOException {
        return new TextServer(
                "health",
                new InetSocketAddress(port),
                CONNECTIONS,
                LONGEST_PROBE,
                Map.of("/healthz", () -> Text.ok("ok\n"), "/readyz", () -> readyz(readiness)));
    }

    static TextServer metrics(int port, ProcessMetrics metrics) throws IOException {
        return new TextServer(
                "metrics",
                new InetSocketAddress(port),
                SCRAPERS,
                LONGEST_SCRAPE,
                Map.of("/metrics", () -> Text.ok(metrics.scrape())));
    }

    private static Text readyz(Readiness readiness) {
        return readiness.problem().map(problem -> new Text(503, problem + "\n")).orElseGet(() -> Text.ok("ok\n"));
    }
}
