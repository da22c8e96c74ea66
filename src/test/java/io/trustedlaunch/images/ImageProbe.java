package io.trustedlaunch.images;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.fencer.device.FenceAgents;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.FenceTargetBuilder;
import io.trustedlaunch.fencer.device.Machine;
import io.trustedlaunch.metrics.ProcessMetrics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.libvirt.Connect;

/** Run by {@link ImagesIT} inside an image, with its Java and its libraries: prints what works there. */
final class ImageProbe {
    private ImageProbe() {}

    /**
     * @param arguments tls, an address and a file of authorities; authorities; names; metrics; libvirt; or fence, the address
     *     of a management controller and a file of authorities
     */
    public static void main(String[] arguments) throws Exception {
        System.out.println(
                switch (arguments[0]) {
                    case "tls" -> get(URI.create(arguments[1]), Path.of(arguments[2]));
                    case "authorities" -> authorities();
                    case "names" -> System.getProperty("sun.jnu.encoding");
                    case "metrics" -> scrape();
                    case "libvirt" ->
                        new Connect("test:///default")
                                .domainLookupByName("test")
                                .getUUIDString();
                    case "fence" -> fence(arguments[1], Path.of(arguments[2]));
                    default -> throw new IllegalArgumentException(arguments[0]);
                });
    }

    private static String get(URI address, Path authorities) throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(ServerTrust.only(Files.readString(authorities)))
                .build()) {
            return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private static String scrape() {
        ProcessMetrics metrics = new ProcessMetrics();
        metrics.measureJvm();
        return metrics.scrape();
    }

    private static String fence(String address, Path authorities) throws Exception {
        FenceAgents agents = new FenceAgents();
        FenceTarget target = FenceTargetBuilder.builder()
                .agent(Agent.fence_redfish)
                .address(address)
                .path(Optional.empty())
                .username("admin")
                .password("secret")
                .caBundle(Files.readString(authorities))
                .build();
        Machine machine = agents.machine(target).orElseThrow();
        return machine.uuid() + " " + agents.status(target.withPath(machine.path()));
    }

    private static int authorities() throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        int authorities = 0;
        for (TrustManager manager : factory.getTrustManagers()) {
            authorities += ((X509TrustManager) manager).getAcceptedIssuers().length;
        }
        return authorities;
    }
}
