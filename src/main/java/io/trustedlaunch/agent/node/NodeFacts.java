package io.trustedlaunch.agent.node;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.HostFacts;
import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.tpm.SwtpmFacts;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * The facts behind a node's status.
 *
 * @param address where others reach the host
 * @param hypervisor the host's capabilities, or why they are unknown
 * @param tpm the host's swtpm, once a TPM was made with it, or what the host lacks besides libvirt
 * @param libtpms version of the library that is swtpm's TPM, now; empty if it is not known
 * @param emulation whether VMs may run without KVM
 * @param shuttingDown whether the host is about to shut down, so that no guest is started
 * @param certificatePending why there is no sealing certificate yet
 * @param portsProblem why QEMU's migration ports may be open to strangers
 * @param migrationPort for other nodes' agents; empty if there is none
 * @param consolePort for console clients; empty if there is none
 */
@RecordBuilder
public record NodeFacts(
        String address,
        Finding<HostFacts> hypervisor,
        Finding<SwtpmFacts> tpm,
        Optional<String> libtpms,
        boolean emulation,
        boolean shuttingDown,
        Optional<String> sealingCertificate,
        Optional<String> certificatePending,
        SortedMap<String, LocationState> locations,
        List<BackupFolder> backupFolders,
        Optional<String> portsProblem,
        OptionalInt migrationPort,
        OptionalInt consolePort,
        String agentVersion,
        long generation,
        Instant now) {

    /** A fact, or why it could not be determined. */
    public sealed interface Finding<T> {
        record Found<T>(T value) implements Finding<T> {}

        record Failed<T>(String message) implements Finding<T> {}

        default Optional<T> found() {
            return this instanceof Found<T>(T value) ? Optional.of(value) : Optional.empty();
        }
    }
}
