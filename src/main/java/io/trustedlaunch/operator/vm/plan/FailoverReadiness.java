package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.FailoverStrategy;
import io.trustedlaunch.api.vm.VirtualizationBasedSecurity;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.Over;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** Whether a VM starts on another node if its node is proved dead, as far as that is known beforehand. */
public record FailoverReadiness(VmFacts facts) {
    static final Duration BETWEEN_FAILOVERS = Duration.ofHours(1);

    /** Agents and kubelets are both heard every ten seconds; an agent that is replaced is away for some more. */
    static final Duration WATCHED = Duration.ofSeconds(40);

    /** The reasons by which an agent reports that it cannot seal the changes of a running guest. */
    private static final Set<String> UNSEALED = Set.of(Reason.GuestStateNotSealed.name(), Reason.NoSpace.name());

    /** The verdict for the condition. Whether a node has room then is not asked: that changes with every other VM. */
    public Problem verdict() {
        if (isOff()) {
            return new Problem(
                    Reason.FailoverOff,
                    "spec.failoverStrategy is None: if its node dies, the VM waits until that is back");
        }
        Optional<Incarnation> running =
                facts.incarnations().current().filter(incarnation -> incarnation.phase() == Phase.Running);
        if (running.isEmpty()) {
            return new Problem(Reason.NotRunning, "the VM is not running");
        }
        String node = running.get().node();
        String location = running.get().machine().location().name();
        if (!facts.nodes().isShared(location, node)) {
            return new Problem(
                    Reason.DisksOnOneNode,
                    "the VM's disks are in storage location " + location
                            + ", which no other node is proved to share"
                            + " with " + node + ": if that dies, the VM waits until it is back. Use a location that"
                            + " nodes share, or keep a backup");
        }
        return facts.nodes()
                .find(node)
                .flatMap(found -> locksNotShared(found, location))
                .or(() -> vbsNowhereElse(running.get(), location))
                .or(() -> new StartChecks(facts)
                        .machine()
                        .map(problem -> new Problem(
                                problem.reason(),
                                "if its node is proved dead, the VM does not start on another node: "
                                        + problem.message())))
                .orElseGet(() ->
                        new Problem(Reason.FailoverReady, "if its node is proved dead, the VM starts on another node"));
    }

    private Optional<Problem> vbsNowhereElse(Incarnation running, String location) {
        boolean required =
                running.machine().virtualizationBasedSecurityOrDefault() == VirtualizationBasedSecurity.Required;
        boolean offered = facts.nodes().all().stream()
                .filter(other -> !other.name().equals(running.node()) && other.isEnrolled())
                .filter(other -> other.sharesLocation(location, running.node()))
                .flatMap(other -> other.virtualization().stream())
                .anyMatch(known -> known.offers().isPresent());
        return required && !offered
                ? Optional.of(new Problem(
                        Reason.VbsNotOffered,
                        "the VM requires virtualization-based security, and no other node that shares storage location "
                                + location + " offers it: if " + running.node() + " dies, the VM waits until it is"
                                + " back. See status.virtualization of the other ClusterNodes"))
                : Optional.empty();
    }

    /** Without locks, only power that is off keeps the guest of a node that is said to be dead from the disks. */
    private static Optional<Problem> locksNotShared(NodeInfo node, String location) {
        Optional<Boolean> shared = node.areLocksShared(location);
        if (node.powerFencing() || shared.orElse(false)) {
            return Optional.empty();
        }
        String next =
                ". Mount the location so that locks work between hosts, or create a FenceDevice with fence_redfish for "
                        + node.name();
        return Optional.of(
                shared.isPresent()
                        ? new Problem(
                                Reason.LocksNotShared,
                                "in storage location " + location + ", a lock of one host is not seen on another: if "
                                        + node.name()
                                        + " is said to be dead and is not, nothing keeps two guests from the VM's disks"
                                        + next)
                        : new Problem(
                                Reason.LocksUntested,
                                "it is not known yet whether a lock of " + node.name() + " in storage location "
                                        + location
                                        + " is seen on another host: agents test it within some minutes. See condition"
                                        + " LocksShared of the StorageLocation"));
    }

    /**
     * Why the VM, whose node is proved dead, does not start elsewhere; a restart that a user asks for overrules most. Who has
     * it restored from a backup elsewhere has said that it shall start there, and what is lost. It is asked at each start that
     * goes on without what was on a dead node, also at the second and the third.
     */
    Optional<Problem> hindrance() {
        return facts.losses()
                .last()
                .filter(from -> facts.guestState().restored().isEmpty())
                .flatMap(from -> off(from.incarnation())
                        .or(() -> facts.vm().isRestartRequested()
                                ? Optional.empty()
                                : repeated(from.incarnation()).or(this::unsealed)));
    }

    private Optional<Problem> off(Incarnation from) {
        return isOff()
                ? Optional.of(new Problem(
                        Reason.FailoverOff,
                        from.node() + " is proved dead, and spec.failoverStrategy is None: set it to StartElsewhere, or"
                                + " bring the node back"))
                : Optional.empty();
    }

    /** A time in the future comes from a clock that was wrong. */
    static boolean isRecent(Instant failover, Instant now) {
        return Duration.between(failover, now).abs().compareTo(BETWEEN_FAILOVERS) < 0;
    }

    /** A guest that kills hosts must not walk through the cluster. */
    private Optional<Problem> repeated(Incarnation from) {
        return facts.losses()
                .lastFailover()
                .filter(last -> isRecent(last, facts.now()))
                .map(last -> new Problem(
                        Reason.FailoverRepeated,
                        from.node() + " is proved dead, and so was another node with this VM less than "
                                + BETWEEN_FAILOVERS.toMinutes()
                                + " minutes before: its guest may be the cause. It starts"
                                + " elsewhere after that time; " + atOnce()));
    }

    private Optional<Problem> unsealed() {
        return facts.losses().all().stream()
                .flatMap(lost -> reportedUnsealed(lost.incarnation()).or(() -> unwatched(lost)).stream())
                .findFirst();
    }

    private Optional<Problem> unwatched(Over.ByFence lost) {
        Incarnation from = lost.incarnation();
        return Optional.of(lost.death().unwatched())
                .filter(unwatched -> from.hasRun() && unwatched.compareTo(WATCHED) > 0)
                .map(unwatched -> lost(
                        from,
                        "its kubelet was heard for " + unwatched.toSeconds()
                                + " s after its agent: what the guest changed meanwhile in its TPM and UEFI variables was not"
                                + " sealed"));
    }

    private Optional<Problem> reportedUnsealed(Incarnation from) {
        return from.status()
                .filter(status -> status.phase() == Phase.Running
                        && status.reason() != null
                        && UNSEALED.contains(status.reason()))
                .map(status -> lost(
                        from,
                        "its agent had reported last that it could not seal what the guest changed in its TPM and UEFI"
                                + " variables (" + status.reason() + ")"));
    }

    private Problem lost(Incarnation from, String why) {
        return new Problem(
                Reason.GuestStateLagUnknown,
                from.node() + " is proved dead, and " + why
                        + ". A start elsewhere loses these changes. Bring the node back; or accept the loss: "
                        + atOnce());
    }

    private String atOnce() {
        return "to start it elsewhere now, ask for a restart: kubectl tlvm restart "
                + facts.vm().name() + " -n "
                + facts.vm().namespace();
    }

    private boolean isOff() {
        return facts.vm().spec().failoverStrategy() == FailoverStrategy.None;
    }
}
