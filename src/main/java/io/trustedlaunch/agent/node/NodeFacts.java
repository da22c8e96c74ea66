package io.trustedlaunch.agent.node;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.location.LocationState;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * The facts that a node's status is made of.
 *
 * @param hypervisor the host's capabilities, or why libvirt did not report them
 * @param tpm swtpm's version if a TPM was made with it, or why that failed
 * @param emulation whether VMs may run without KVM
 * @param shuttingDown whether a shutdown of the host was announced, so that no guest is started
 * @param certificatePending why there is no sealing certificate
 * @param migrationPort for migrations from other nodes; empty if there is no server
 * @param consolePort for users' consoles; empty if there is no server
 */
@RecordBuilder
public record NodeFacts(
        Finding<HostFacts> hypervisor,
        Finding<String> tpm,
        boolean emulation,
        boolean shuttingDown,
        Optional<String> sealingCertificate,
        Optional<String> certificatePending,
        SortedMap<String, LocationState> locations,
        OptionalInt migrationPort,
        OptionalInt consolePort,
        String agentVersion,
        long generation,
        Instant now) {

    /** A value, or why it is not known. */
    public sealed interface Finding<T> {
        record Found<T>(T value) implements Finding<T> {}

        record Failed<T>(String message) implements Finding<T> {}

        default Optional<T> found() {
            return this instanceof Found<T>(T value) ? Optional.of(value) : Optional.empty();
        }
    }
}
