package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.process.Command;
import java.time.Duration;
import java.util.List;

/** The connections over which QEMUs of this host send their domains. */
final class MigrationSockets {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What libvirt takes for the receiving side where its configuration says nothing else. */
    private static final String FIRST_PORT = ":49152";

    private static final String LAST_PORT = ":49215";
    /** We are the one that connects: what is accepted here, as a person's shell, has a port of a service. */
    private static final String FIRST_OF_CLIENTS = ":32768";

    private MigrationSockets() {}

    /** By the kernel, since QEMU itself does nothing while it waits to send. Throws what a person can read. */
    static void end(String address) {
        Command.Result result = new Command(line(address), new byte[0], LIMIT).run();
        if (!result.succeeded()) {
            throw new IllegalStateException("ss did not end its connections: " + result.lastWords());
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
