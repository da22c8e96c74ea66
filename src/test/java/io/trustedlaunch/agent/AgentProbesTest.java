package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AgentProbesTest {
    private Optional<String> notAlive = Optional.empty();
    private Optional<String> notReady = Optional.empty();

    @Test
    void aProbeSaysWhatIsTheMatter() throws IOException, InterruptedException {
        try (AgentProbes probes = AgentProbes.open(OptionalInt.of(0), () -> notAlive, () -> notReady)) {
            InetSocketAddress address = probes.address().orElseThrow();
            assertThat(get(address, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(address, "/readyz").statusCode()).isEqualTo(200);

            notReady = Optional.of("the node's Lease is not renewed yet");

            assertThat(get(address, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(address, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(address, "/readyz").body()).isEqualTo("the node's Lease is not renewed yet\n");

            notAlive = Optional.of("no run has ended in time: node");

            assertThat(get(address, "/healthz").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void otherHostsCannotConnect() throws IOException {
        try (AgentProbes probes = AgentProbes.open(OptionalInt.of(0), () -> notAlive, () -> notReady)) {
            assertThat(probes.address().orElseThrow().getAddress().isLoopbackAddress())
                    .isTrue();
        }
    }

    @Test
    void withoutAPortThereAreNone() throws IOException {
        try (AgentProbes probes = AgentProbes.open(OptionalInt.empty(), () -> notAlive, () -> notReady)) {
            assertThat(probes.address()).isEmpty();
        }
    }

    private static HttpResponse<String> get(InetSocketAddress address, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
