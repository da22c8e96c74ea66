package io.trustedlaunch.web;

import static io.trustedlaunch.web.AddressRange.LOCAL;
import static io.trustedlaunch.web.AddressRange.PRIVATE;
import static io.trustedlaunch.web.AddressRange.PUBLIC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.net.spi.InetAddressResolverProvider;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The attacker is a server that an administrator named, and perhaps the owner of its name, too. */
class DestinationsTest {
    private static final LookupPolicy ANY = LookupPolicy.of(LookupPolicy.IPV4);

    @Test
    void aPublicServerLeadsToPublicAddressesOnly() throws HttpsException {
        assertFollowed("https://8.8.8.8/", "https://9.9.9.9/");
        assertRefused("https://8.8.8.8/", "https://10.0.0.1:6443/");
        assertRefused("https://8.8.8.8/", "https://169.254.169.254/latest/");
        assertRefused("https://8.8.8.8/", "https://[::1]/");
        assertRefused("https://8.8.8.8/", "https://localhost/");
    }

    @Test
    void aServerInAPrivateNetworkLeadsToPrivateAddressesToo() throws HttpsException {
        assertFollowed("https://10.0.0.1/", "https://10.0.0.2/");
        assertFollowed("https://10.0.0.1/", "https://9.9.9.9/");
        assertRefused("https://10.0.0.1/", "https://169.254.169.254/latest/");
        assertRefused("https://10.0.0.1/", "https://127.0.0.1/");
    }

    @Test
    void aServerLeadsToItselfWhereverItIs() throws HttpsException {
        assertFollowed("https://localhost/", "https://LOCALHOST:8443/");
    }

    /** A name with one public and one private address would be both. */
    @Test
    void aServerWithAPublicAddressCountsAsPublic() {
        assertThat(Destinations.allowed(Set.of(PUBLIC, PRIVATE))).containsExactly(PUBLIC);
        assertThat(Destinations.allowed(Set.of())).containsExactly(PUBLIC);
        assertThat(Destinations.allowed(Set.of(LOCAL))).containsExactlyInAnyOrder(PUBLIC, PRIVATE);
    }

    /** What was checked is asked again when the client connects, and the owner of the name may answer differently. */
    @Test
    void aNameThatHasAnotherAddressWhenTheClientConnectsHasNone() throws UnknownHostException {
        InetAddressResolver resolver = NameRules.under(answering("10.0.0.1"));
        assertThat(resolver.lookupByName("rebinding.example", ANY)).hasSize(1);

        try (NameRules.Rule rule = NameRules.hold("Rebinding.example", Set.of(PUBLIC))) {
            assertThatThrownBy(() -> resolver.lookupByName("rebinding.example", ANY))
                    .isInstanceOf(UnknownHostException.class);
            assertThat(resolver.lookupByName("other.example", ANY)).hasSize(1);
            assertThat(NameRules.under(answering("9.9.9.9")).lookupByName("rebinding.example", ANY))
                    .hasSize(1);
        }
        assertThat(resolver.lookupByName("rebinding.example", ANY)).hasSize(1);
    }

    @Test
    void theJvmResolvesUnderTheRules() {
        assertThat(ServiceLoader.load(InetAddressResolverProvider.class))
                .singleElement()
                .isInstanceOf(NameRules.class);
    }

    private static void assertFollowed(String source, String address) {
        try (Destinations destinations = new Destinations()) {
            assertThatCode(() -> destinations.require(URI.create(source), URI.create(address)))
                    .doesNotThrowAnyException();
        }
    }

    private static void assertRefused(String source, String address) {
        try (Destinations destinations = new Destinations()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> destinations.require(URI.create(source), URI.create(address)))
                        .as("%s to %s", source, address)
                        .isInstanceOf(HttpsException.class);
            }
        }
    }

    private static InetAddressResolver answering(String address) {
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return Stream.of(InetAddress.getByName(address));
            }

            @Override
            public String lookupByAddress(byte[] unused) {
                throw new AssertionError("not asked");
            }
        };
    }
}
