package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.QemuPorts;
import io.trustedlaunch.process.Command;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections over which QEMU processes of this host send their domains. */
final class MigrationSockets {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationSockets.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Only outgoing connections: accepted ones, like a person's shell, have a service's port here. */
    private static final String FIRST_CLIENT_PORT = ":32768";

    private MigrationSockets() {}

    /** Closed by the kernel, because QEMU is blocked while it sends. If this fails, TCP times out. */
    static void end(String address) {
        try {
            Command.Result result = new Command(line(address), new byte[0], LIMIT).run();
            if (!result.succeeded()) {
                LOG.error(
                        "Cannot close the migration connections to {}; QEMU may be blocked for a quarter of an hour: {}",
                        address,
                        result.outputTail());
            }
        } catch (UncheckedIOException e) {
            LOG.error(
                    "Cannot close the migration connections to {}; QEMU may be blocked for a quarter of an hour: {}",
                    address,
                    e.getMessage());
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
                ":" + QemuPorts.FIRST,
                "and",
                "dport",
                "<=",
                ":" + QemuPorts.LAST,
                "and",
                "sport",
                ">=",
                FIRST_CLIENT_PORT);
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }
}
