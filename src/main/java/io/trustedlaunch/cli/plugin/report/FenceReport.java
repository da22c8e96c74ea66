package io.trustedlaunch.cli.plugin.report;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Answer;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.GuestState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Home;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The state of a node that an administrator states to be dead, as text.
 *
 * @param lease that its agent renews
 * @param kubeletLease that its kubelet renews: a proof counts these two
 * @param fences NodeFences of any node
 * @param vms those whose record names the node
 * @param devices FenceDevices of any node
 * @param now by the clock of the user's machine
 */
@RecordBuilder
public record FenceReport(
        ClusterNode node,
        Optional<Lease> lease,
        Optional<Lease> kubeletLease,
        List<NodeFence> fences,
        List<TrustedLaunchVM> vms,
        List<StorageLocation> locations,
        List<FenceDevice> devices,
        Instant now) {
    /** Agents and kubelets renew their Leases every ten seconds: three renewals may be lost. */
    public static final Duration SILENCE = Duration.ofSeconds(40);

    private static final String LABEL = "%-13s %s";

    /** The boot from which its agent has answered a leader of the operator last. */
    public Optional<String> boot() {
        return node.status().map(ClusterNodeStatus::answer).map(Answer::bootID);
    }

    /** The NodeFence of that boot. */
    public Optional<NodeFence> fence() {
        return fences.stream()
                .filter(fence -> fence.getSpec().nodeName().equals(name()))
                .filter(fence -> boot().equals(Optional.of(fence.getSpec().bootID())))
                .findFirst();
    }

    /** How long ago the agent renewed its Lease, if its host's clock and that of the user's machine agree. */
    public Optional<Duration> sinceRenewal() {
        return sinceRenewal(lease);
    }

    private Optional<Duration> sinceRenewal(Optional<Lease> renewed) {
        return renewTime(renewed).map(time -> Duration.between(time, now));
    }

    private static Optional<Instant> renewTime(Optional<Lease> lease) {
        return lease.map(Lease::getSpec).map(LeaseSpec::getRenewTime).map(ZonedDateTime::toInstant);
    }

    /** The age is off by what the two clocks differ. */
    private Optional<String> renewal(Optional<Lease> renewed) {
        return renewTime(renewed)
                .map(time -> "renewed its Lease last at " + time + ", by its host's clock "
                        + sinceRenewal(renewed).orElseThrow().toSeconds() + " s ago");
    }

    /** Why its power cannot be cut. */
    public Optional<String> requireReadyDevice() {
        if (device().isEmpty()) {
            return Optional.of("there is no FenceDevice with spec.nodeName " + name()
                    + ": create one, or cut the power by hand and state it with kubectl tlvm fence " + name());
        }
        return ready(device().get())
                .filter(ready -> !ready.getStatus().equals("True"))
                .map(ready -> "fencedevice/" + device().get().getMetadata().getName() + " is not ready: "
                        + ready.getReason() + " (" + ready.getMessage() + ")");
    }

    /** One that is ready, if there is one. */
    private Optional<FenceDevice> device() {
        return devices.stream()
                .filter(device -> device.getSpec().nodeName().equals(name()))
                .min(Comparator.comparing(device -> ready(device)
                        .filter(ready -> ready.getStatus().equals("True"))
                        .isEmpty()));
    }

    /** One that no fencer has tested is not ready. */
    private static Optional<Condition> ready(FenceDevice device) {
        return device.status()
                .flatMap(status -> ConditionType.Ready.in(status.conditions()))
                .or(() -> Optional.of(new ConditionBuilder()
                        .withStatus("Unknown")
                        .withReason("NotTested")
                        .withMessage("no fencer has tested it: check the Deployment trusted-launch-fencer")
                        .build()));
    }

    /** The text before the power is cut, whether the node is heard or not. */
    public Text powerOffText() {
        List<String> lines = new ArrayList<>();
        lines.add(LABEL.formatted("Node:", name()));
        lines.add(LABEL.formatted("Boot:", boot().orElse("none reported")));
        lines.add(LABEL.formatted("Agent:", renewal(lease).orElse("has no Lease")));
        device().ifPresent(device -> lines.add(LABEL.formatted(
                "FenceDevice:",
                device.getMetadata().getName()
                        + ready(device).map(ready -> ": " + ready.getMessage()).orElse(""))));
        lines.add(LABEL.formatted("NodeFence:", fence().map(FenceLine::of).orElse("none")));
        vms(lines);
        return new Text(lines);
    }

    /** Once its agent was listened for. */
    public Text text() {
        List<String> lines = new ArrayList<>();
        lines.add(LABEL.formatted("Node:", name()));
        lines.add(LABEL.formatted("Boot:", boot().orElse("none reported")));
        lines.add(LABEL.formatted("Agent:", "not heard; it " + renewal(lease).orElse("has no Lease")));
        lines.add(LABEL.formatted("Kubelet:", kubelet()));
        lines.add(LABEL.formatted("NodeFence:", fence().map(FenceLine::of).orElse("none")));
        conditions(lines);
        vms(lines);
        return new Text(lines);
    }

    private String kubelet() {
        boolean isYoung = sinceRenewal(kubeletLease)
                .filter(since -> since.compareTo(SILENCE) < 0)
                .isPresent();
        return renewal(kubeletLease)
                .map(renewal -> renewal
                        + (isYoung
                                ? ". Your statement counts once it has not been heard for " + SILENCE.toSeconds() + " s"
                                : ""))
                .orElse("has no Lease: no kubelet runs under this name");
    }

    private void conditions(List<String> lines) {
        List<Condition> conditions =
                node.status().map(ClusterNodeStatus::conditions).orElse(List.of());
        if (conditions.isEmpty()) {
            return;
        }
        lines.add("Conditions, as reported last:");
        conditions.forEach(condition -> lines.add(
                "  %-14s %-8s %s".formatted(condition.getType(), condition.getStatus(), condition.getReason())));
    }

    private void vms(List<String> lines) {
        if (vms.isEmpty()) {
            lines.add(LABEL.formatted("VMs:", "none"));
            return;
        }
        long stranded = vms.stream().filter(this::isStranded).count();
        lines.add(LABEL.formatted(
                "VMs:",
                vms.size() + (stranded == 0 ? "" : ", of which " + stranded + " cannot start on another node")));
        int width = vms.stream().mapToInt(vm -> reference(vm).length()).max().orElseThrow();
        vms.stream()
                .sorted(Comparator.comparing(FenceReport::reference))
                .forEach(vm -> lines.add(
                        ("  %-" + width + "s   %-9s   %s").formatted(reference(vm), phase(vm), whereNext(vm))));
    }

    private static String phase(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::phase).map(Enum::name).orElse("-");
    }

    private static String reference(TrustedLaunchVM vm) {
        return vm.getMetadata().getNamespace() + "/" + vm.getMetadata().getName();
    }

    private String whereNext(TrustedLaunchVM vm) {
        if (hasNeverRun(vm)) {
            return "has never run: can start on any node";
        }
        return isStranded(vm)
                ? "cannot start on another node: none is proved to share storage location " + location(vm)
                : "can start on " + String.join(", ", nodesWithItsFolder(vm));
    }

    private boolean isStranded(TrustedLaunchVM vm) {
        return !hasNeverRun(vm) && nodesWithItsFolder(vm).isEmpty();
    }

    private static boolean hasNeverRun(TrustedLaunchVM vm) {
        return vm.getStatus() != null && vm.getStatus().vTPM() == null && home(vm).isEmpty();
    }

    private static Optional<Home> home(TrustedLaunchVM vm) {
        return vm.status().map(TrustedLaunchVMStatus::guestState).map(GuestState::home);
    }

    private static String location(TrustedLaunchVM vm) {
        return home(vm).map(Home::storageLocation)
                .orElseGet(() -> vm.getSpec().storageLocationRef().name());
    }

    /** Other than this one. */
    private SortedSet<String> nodesWithItsFolder(TrustedLaunchVM vm) {
        String homeNode = home(vm).map(Home::nodeName).orElseGet(this::name);
        SortedSet<String> nodes = locations.stream()
                .filter(location -> location.getMetadata().getName().equals(location(vm)))
                .map(StorageLocation::getStatus)
                .flatMap(status ->
                        Optional.ofNullable(status).map(StorageLocationStatus::groups).orElse(List.of()).stream())
                .map(StorageLocationStatus.Group::nodeNames)
                .filter(group -> group.contains(homeNode))
                .flatMap(List::stream)
                .collect(Collectors.toCollection(TreeSet::new));
        nodes.add(homeNode);
        nodes.remove(name());
        return nodes;
    }

    private String name() {
        return node.getMetadata().getName();
    }
}
