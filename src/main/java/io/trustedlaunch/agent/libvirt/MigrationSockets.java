package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.host.Command;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections over which QEMUs of this host send their domains. */
final class MigrationSockets {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationSockets.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What libvirt takes for the receiving side where its configuration says nothing else. */
    private static final String FIRST_PORT = ":49152";

    private static final String LAST_PORT = ":49215";
    /** We are the one that connects: what is accepted here, as a person's shell, has a port of a service. */
    private static final String FIRST_OF_CLIENTS = ":32768";

    private MigrationSockets() {}

    /** By the kernel, since QEMU itself does nothing while it waits to send. Where it does not work, TCP ends them in its time. */
    static void end(String address) {
        try {
            Command.Result result = new Command(line(address), new byte[0], LIMIT).run();
            if (!result.succeeded()) {
                LOG.error("QEMU may wait for {} for a quarter of an hour: ss says {}", address, result.outputTail());
            }
        } catch (UncheckedIOException e) {
            LOG.error("QEMU may wait for {} for a quarter of an hour: {}", address, e.getMessage());
        }
    }

    static List<String> line(String address) {
        return List.of(
                "ss",
                "--kill",
                "--tcp",
                "--numeric",
                "--no-header",
                "dst",
                host(address),
                "and",
                "dport",
                ">=",
                FIRST_PORT,
                "and",
                "dport",
                "<=",
                LAST_PORT,
                "and",
                "sport",
                ">=",
                FIRST_OF_CLIENTS);
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }
}
