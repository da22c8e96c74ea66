package io.trustedlaunch.agent.node;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the node with the maintenance that it had last. A host on which someone works must not take VMs only because
 * its ClusterNode was deleted, or the API server's data was lost.
 */
public final class NodeRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistration.class);

    private final Path file;
    private final Consumer<Maintenance> register;
    private Optional<Maintenance> seen = Optional.empty();

    /** @param file in the agent's own folder */
    public NodeRegistration(Path file, Consumer<Maintenance> register) {
        this.file = file;
        this.register = register;
    }

    /** Called with each version of the ClusterNode, also with the deleted one. */
    synchronized void seen(ClusterNode node) {
        Maintenance maintenance = node.getSpec().maintenance();
        seen = Optional.of(maintenance);
        try {
            if (!read().equals(seen)) {
                DurableFiles.write(file, maintenance.name().getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            LOG.warn("The node's maintenance {} cannot be kept in {}: {}", maintenance, file, e.getMessage());
        }
    }

    synchronized void register() {
        try {
            Maintenance last = (seen.isPresent() ? seen : read()).orElse(Maintenance.None);
            register.accept(last);
            LOG.info("Registered the node with maintenance {}", last);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the node's last maintenance from " + file, e);
        }
    }

    /** A value of a later version counts as a cordon. */
    private Optional<Maintenance> read() throws IOException {
        try {
            String name = Files.readString(file, StandardCharsets.ISO_8859_1);
            return Optional.of(Stream.of(Maintenance.values())
                    .filter(value -> value.name().equals(name))
                    .findFirst()
                    .orElse(Maintenance.Cordon));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
