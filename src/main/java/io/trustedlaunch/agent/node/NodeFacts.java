package io.trustedlaunch.agent.node;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.location.LocationState;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * All that a node's status is made of.
 *
 * @param address where others reach the host
 * @param hypervisor what the host can do; or why nobody can tell
 * @param tpm swtpm's version, once a TPM was made with it; or why none could be
 * @param emulation whether VMs may run without KVM
 * @param shuttingDown the host is to shut down: no guest is started
 * @param certificatePending why there is no sealing certificate, while there is none
 * @param migrationPort where guests come in from other nodes; empty: they cannot
 * @param consolePort where clients of consoles come in; empty: they cannot
 */
@RecordBuilder
public record NodeFacts(
        String address,
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

    /** What was found, or why nothing was. */
    public sealed interface Finding<T> {
        record Found<T>(T value) implements Finding<T> {}

        record Failed<T>(String message) implements Finding<T> {}

        default Optional<T> found() {
            return this instanceof Found<T>(T value) ? Optional.of(value) : Optional.empty();
        }
    }
}
