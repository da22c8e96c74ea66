package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApiServerClockTest {
    private final AtomicLong nanos = new AtomicLong(-5);
    private final ApiServerClock clock = new ApiServerClock(nanos::get);

    @Test
    void itGoesOnFromTheLastAnswer() {
        assertThat(clock.read()).isEmpty();
        clock.heard("Tue, 20 Jan 2026 12:00:00 GMT");
        nanos.addAndGet(Duration.ofSeconds(90).toNanos());
        assertThat(clock.read()).contains(Instant.parse("2026-01-20T12:01:30Z"));
        clock.heard("Mon, 19 Jan 2026 12:00:00 GMT");
        assertThat(clock.read()).as("it was set back").contains(Instant.parse("2026-01-19T12:00:00Z"));
        clock.heard("soon");
        clock.heard(null);
        assertThat(clock.read()).contains(Instant.parse("2026-01-19T12:00:00Z"));
    }

    @Test
    void aClientHasItFromEachAnswer() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .build())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("date", clock))
                .build()) {
            client.pods().inNamespace("default").withName("none").get();
            assertThat(clock.read())
                    .hasValueSatisfying(time ->
                            assertThat(Duration.between(time, Instant.now())).isLessThan(Duration.ofMinutes(1)));
        } finally {
            server.stop(0);
        }
    }
}
