package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.agent.incarnation.record.VmRecord;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the API server and the hosts' disks still know of VMs' TPMs. */
record KnownStates(ClusterUnderTest cluster) {
    /** Of the TPM that ran; another one may have been made elsewhere, and never have run. */
    boolean isKnown(UUID vm, String ek) {
        return cluster.server
                        .seen(TrustedLaunchVM.class)
                        .filter(one -> one.identity().equals(vm.toString()))
                        .flatMap(one -> new VmObject(one).ek().stream())
                        .anyMatch(ek::equals)
                || cluster.server
                        .seen(VMIncarnation.class)
                        .filter(one -> one.getSpec().vmRef().uid().equals(vm.toString()))
                        .anyMatch(one -> one.getStatus() != null
                                && ek.equals(one.getStatus().ekDigest()))
                || cluster.hosts.stream().anyMatch(host -> isKnown(host, vm, ek));
    }

    private boolean isKnown(Host host, UUID vm, String ek) {
        HomeView home = new HomeView(host, vm);
        Optional<Secret> key = cluster.server.find(Secret.class, vm.toString());
        return home.versions().stream()
                        .anyMatch(version -> key.isEmpty()
                                || home.state(version, key.get())
                                        .filter(state -> state.ekDigest().equals(ek))
                                        .isPresent())
                || hasWorkingCopy(host, vm, ek)
                || host.records().lookUp(vm).found().flatMap(VmRecord::ekDigest).equals(Optional.of(ek));
    }

    private static boolean hasWorkingCopy(Host host, UUID vm, String ek) {
        return Files.exists(host.hypervisor().layout().tpmState(vm))
                && GuestFiles.ek(host, vm).equals(ek);
    }

    /** The VMs whose guests have run, or whose TPM is at home and has not run yet, and whose keys are not there. */
    Set<UUID> withoutKey() {
        return Stream.concat(
                        cluster.ledger.vms().stream(),
                        cluster.tpms.vms().stream()
                                .filter(vm -> homes(vm)
                                        .anyMatch(home -> !home.versions().isEmpty())))
                .filter(vm -> cluster.server.find(Secret.class, vm.toString()).isEmpty())
                .collect(Collectors.toSet());
    }

    /** How often the guest had written to its TPM, in the newest state that opens in any home. */
    int newestAtHome(UUID vm) {
        return cluster.server.find(Secret.class, vm.toString()).stream()
                .flatMap(key -> cluster.hosts.stream()
                        .map(host -> new HomeView(host, vm))
                        .flatMap(home -> home.versions().stream()
                                .sorted(Comparator.reverseOrder())
                                .flatMap(version -> home.tpm(version, key).stream())
                                .limit(1)))
                .mapToInt(tpm -> tpm)
                .max()
                .orElse(0);
    }

    boolean hasRecord(UUID vm) {
        return cluster.server
                .seen(TrustedLaunchVM.class)
                .filter(one -> one.identity().equals(vm.toString()))
                .anyMatch(one -> one.getStatus() != null && one.getStatus().guestState() != null);
    }

    /**
     * In the state of the claim or the clean end on record, and in those that are not older: after a failover, what the dead
     * host seals when it is back counts as older than what was claimed elsewhere, although its guest wrote more.
     */
    int tpmOnRecord(UUID vm) {
        return RecordedFloor.of(cluster.server, vm).stream()
                .flatMap(floor -> Stream.concat(
                        Stream.of(floor),
                        homes(vm)
                                .flatMap(home -> home.versions().stream())
                                .filter(version -> version.compareTo(floor) > 0)))
                .mapToInt(version -> tpm(vm, version))
                .min()
                .orElse(0);
    }

    private Stream<HomeView> homes(UUID vm) {
        return cluster.hosts.stream().map(host -> new HomeView(host, vm));
    }

    /** 0 if nobody can open it. */
    private int tpm(UUID vm, GuestStateVersion version) {
        return cluster.server.find(Secret.class, vm.toString()).stream()
                .flatMap(key -> homes(vm).flatMap(home -> home.tpm(version, key).stream()))
                .mapToInt(tpm -> tpm)
                .min()
                .orElse(0);
    }

    /** The newest that an agent has reported. */
    Optional<GuestStateVersion> reported(UUID vm) {
        return cluster.server
                .seen(VMIncarnation.class)
                .filter(one -> one.getSpec().vmRef().uid().equals(vm.toString()))
                .flatMap(one -> Optional.ofNullable(one.getStatus()).map(VMIncarnationStatus::guestState).stream())
                .flatMap(state -> Optional.ofNullable(state.version()).stream())
                .max(Comparator.naturalOrder());
    }
}
