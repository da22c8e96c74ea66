package io.trustedlaunch.agent.metrics;

import io.trustedlaunch.agent.gueststate.GuestStateKeeper.SealingState;
import io.trustedlaunch.agent.hypervisor.GuestStatistics;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Metrics of the use by this host's guests, by namespace and name of their VMs. */
public final class GuestMetrics implements Consumer<Samples> {
    private static final Logger LOG = LoggerFactory.getLogger(GuestMetrics.class);

    private static final double NANOS = 1e9;

    private static final Metric LIBVIRT_UP = Metric.gauge(
            "trusted_launch_agent_libvirt_up",
            "1 if libvirt answered this scrape, else 0; without an answer the metrics of guests are missing");

    private static final Metric RUNNING =
            ofVm("trusted_launch_vm_running", "1 if the guest executes, 0 if it is paused");

    private static final Metric TPM =
            ofVm("trusted_launch_vm_tpm_responding", "1 if the process that is the guest's TPM can respond, else 0");

    private static final Metric CPU = counterOfVm(
            "trusted_launch_vm_cpu_seconds_total", "Processor time of the guest since it has been on this host");

    private static final Metric MEMORY = ofVm("trusted_launch_vm_memory_bytes", "Memory that the guest has");

    private static final Metric RESIDENT =
            ofVm("trusted_launch_vm_memory_resident_bytes", "Memory of the host that the guest's process occupies");

    private static final Metric READ = counterOfVm(
            "trusted_launch_vm_disk_read_bytes_total", "Bytes that the guest has read from the disk", "device");

    private static final Metric WRITTEN = counterOfVm(
            "trusted_launch_vm_disk_written_bytes_total", "Bytes that the guest has written to the disk", "device");

    private static final Metric REQUESTS = counterOfVm(
            "trusted_launch_vm_disk_requests_total",
            "Requests of the guest to the disk that have ended; kind is read, write or flush",
            "device",
            "kind");

    private static final Metric REQUEST_TIME = counterOfVm(
            "trusted_launch_vm_disk_request_seconds_total",
            "Time of all those requests, which overlap; over their number it is the latency of one",
            "device",
            "kind");

    private static final Metric RECEIVED = counterOfVm(
            "trusted_launch_vm_network_received_bytes_total",
            "Bytes that the guest has received at the network card",
            "interface");

    private static final Metric SENT = counterOfVm(
            "trusted_launch_vm_network_sent_bytes_total",
            "Bytes that the guest has sent from the network card",
            "interface");

    private static final Metric SEALED = ofVm(
            "trusted_launch_vm_guest_state_seal_timestamp_seconds",
            "When the guest's state was last sealed by this agent; it is sealed only when it changes");

    private static final Metric UNSEALED = ofVm(
            "trusted_launch_vm_guest_state_unsealed",
            "1 if a newer state of the guest could not be sealed, so that it would be lost with this host, else 0");

    private static final Metric AGENT_CONNECTED = ofVm(
            "trusted_launch_vm_guest_agent_connected",
            "1 if the guest agent has answered in the last ten minutes, else 0; missing until that is known");

    private static final Metric NEARLY_FULL = ofVm(
            "trusted_launch_vm_file_systems_nearly_full",
            "Mounted file systems of the guest that are at least 90 % full, as its guest agent says; missing while it does not answer");

    private final Supplier<List<GuestStatistics>> statistics;
    private final Function<UUID, Optional<VMIncarnation>> incarnations;
    private final Function<UUID, Optional<SealingState>> sealing;
    private final Function<UUID, Optional<GuestInfo>> said;

    /**
     * @param statistics see {@code Hypervisor}
     * @param incarnations the latest one of a VM on this node
     * @param said by the guest of a VM
     */
    public GuestMetrics(
            Supplier<List<GuestStatistics>> statistics,
            Function<UUID, Optional<VMIncarnation>> incarnations,
            Function<UUID, Optional<SealingState>> sealing,
            Function<UUID, Optional<GuestInfo>> said) {
        this.statistics = statistics;
        this.incarnations = incarnations;
        this.sealing = sealing;
        this.said = said;
    }

    @Override
    public void accept(Samples samples) {
        try {
            statistics
                    .get()
                    .forEach(guest -> incarnations
                            .apply(guest.vm())
                            .ifPresent(incarnation -> guest(samples, guest, incarnation)));
            samples.set(LIBVIRT_UP, 1);
        } catch (HypervisorException e) {
            LOG.debug("No metrics of guests: {}", e.getMessage());
            samples.set(LIBVIRT_UP, 0);
        }
    }

    private void guest(Samples samples, GuestStatistics guest, VMIncarnation incarnation) {
        VmRef vm = incarnation.getSpec().vmRef();
        String namespace = vm.namespace();
        String name = vm.name();
        samples.set(RUNNING, guest.running() ? 1 : 0, namespace, name);
        if (!(guest.vtpm() instanceof VtpmState.Unknown)) {
            samples.set(TPM, guest.vtpm().isFailed() ? 0 : 1, namespace, name);
        }
        samples.set(CPU, guest.processorTime().toNanos() / NANOS, namespace, name);
        guest.memoryBytes().ifPresent(bytes -> samples.set(MEMORY, bytes, namespace, name));
        guest.residentBytes().ifPresent(bytes -> samples.set(RESIDENT, bytes, namespace, name));
        guest.disks().forEach(disk -> {
            samples.set(READ, disk.reads().bytes(), namespace, name, disk.device());
            samples.set(WRITTEN, disk.writes().bytes(), namespace, name, disk.device());
            Map.of("read", disk.reads(), "write", disk.writes(), "flush", disk.flushes())
                    .forEach((kind, transfers) -> {
                        samples.set(REQUESTS, transfers.requests(), namespace, name, disk.device(), kind);
                        samples.set(
                                REQUEST_TIME, transfers.time().toNanos() / NANOS, namespace, name, disk.device(), kind);
                    });
        });
        List<Nic> nics = incarnation.getSpec().machineNow().nics();
        for (int card = 0; card < Math.min(nics.size(), guest.cards().size()); card++) {
            String label = nics.get(card).name();
            samples.set(RECEIVED, guest.cards().get(card).receivedBytes(), namespace, name, label);
            samples.set(SENT, guest.cards().get(card).sentBytes(), namespace, name, label);
        }
        sealing.apply(guest.vm()).ifPresent(state -> {
            samples.set(UNSEALED, state.problem().isPresent() ? 1 : 0, namespace, name);
            state.newest().ifPresent(newest -> samples.set(SEALED, newest.at().getEpochSecond(), namespace, name));
        });
        said.apply(guest.vm()).ifPresent(info -> {
            samples.set(AGENT_CONNECTED, info.agentAnswers() ? 1 : 0, namespace, name);
            if (info.agentAnswers()) {
                samples.set(NEARLY_FULL, info.nearlyFull(), namespace, name);
            }
        });
    }

    private static Metric ofVm(String name, String help) {
        return Metric.gauge(name, help, "namespace", "name");
    }

    private static Metric counterOfVm(String name, String help, String... more) {
        String[] labels = new String[2 + more.length];
        labels[0] = "namespace";
        labels[1] = "name";
        System.arraycopy(more, 0, labels, 2, more.length);
        return Metric.counter(name, help, labels);
    }
}
