package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.api.node.FenceDeviceSpec.IsolationResponse;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceSpecBuilder;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides on a NodeFence that is to be proved by cutting the host's power, until it is; pure. The fencer cuts the power while
 * the phase is Fencing, and reports what it observed. What that proves is decided here.
 */
final class PowerFencePlanner {
    /** The pause after an attempt that failed. */
    static final Duration RETRY = Duration.ofMinutes(1);

    /** A fencer needs less, even if the management controller never answers. */
    static final Duration ANSWER = Duration.ofMinutes(3);

    private final FenceFacts facts;
    private final Fence fence;
    private final FenceStatus status;

    PowerFencePlanner(FenceFacts facts, Fence fence) {
        this.facts = facts;
        this.fence = fence;
        this.status = new FenceStatus(fence, facts.now());
    }

    /** A fence without anybody's word: of a node that is silent, if its FenceDevice allows that. */
    static Optional<NodeFenceSpec> automatic(FenceFacts facts) {
        return facts.boot()
                .filter(boot -> facts.untilSilentWhileWatched().isZero() && isAllowed(facts))
                .map(boot -> NodeFenceSpecBuilder.builder()
                        .nodeName(facts.node())
                        .bootID(boot)
                        .method(Method.Power)
                        .automatic(true)
                        .machineUUID(facts.machineUUID().orElse(null))
                        .nodeUID(facts.nodeUID())
                        .build());
    }

    /**
     * A node that was taken out of service, or whose host has said that it shuts down, has no guests, and is silent on purpose.
     * If a node reports another machine than it was approved as, it is not known which power is to be cut.
     */
    private static boolean isAllowed(FenceFacts facts) {
        return !facts.outOfService()
                && !facts.machineChanged()
                && automaticDevices(facts).findAny().isPresent();
    }

    private static Stream<FenceDevice> automaticDevices(FenceFacts facts) {
        return facts.devices().stream().filter(device -> device.getSpec().automatic());
    }

    Optional<FenceStep> next() {
        if (!isWanted()) {
            return FencePlanner.removed(fence, whyNot());
        }
        return switch (fence.phase()) {
            case Requested -> begin();
            case Fencing -> answer().map(this::verdict).orElseGet(() -> isLeftAlone() ? leftAlone() : unanswered());
            case Failed -> isDue() ? begin() : Optional.empty();
            case Proved, Contradicted, Released -> Optional.empty();
        };
    }

    private boolean isWanted() {
        if (fence.isAutomatic()) {
            return facts.requestsAbout(fence).isEmpty()
                    && isAllowed(facts)
                    && !fence.agentHeard()
                    && !fence.kubeletHeard();
        }
        // Where the power cannot be cut, a person who has looked at the host may state that it is off.
        return facts.requestFor(fence).isPresent()
                && (fence.phase() != Phase.Failed
                        || facts.requestsAbout(fence).stream().allMatch(request -> request.method() == Method.Power));
    }

    private String whyNot() {
        if (fence.isAutomatic() && (fence.agentHeard() || fence.kubeletHeard())) {
            return "the host was heard, so its power is not cut";
        }
        if (fence.isAutomatic() && facts.machineChanged()) {
            return "the host reports another machine than it was approved as: see condition MachineConfirmed of its"
                    + " ClusterNode";
        }
        return facts.requestsAbout(fence).isEmpty()
                ? "the power of the host is not to be cut any more"
                : FencePlanner.REPLACED;
    }

    private Optional<FenceStep> begin() {
        if (!fence.isAutomatic()) {
            return fencing(
                    facts.requestFor(fence).map(FenceRequest::by).orElseThrow() + " wants the power of the host cut");
        }
        if (!facts.untilSilentWhileWatched().isZero()) {
            return Optional.empty();
        }
        if (facts.cluster().isTooMuch()) {
            return status.of(
                    Phase.Requested,
                    Reason.TooManyNodesSilent,
                    "the power of " + facts.node() + " is not cut automatically, since this is probably a fault of the"
                            + " network: " + facts.cluster().text() + ". Look at the host; if it is dead, say so with"
                            + " kubectl tlvm fence " + facts.node());
        }
        if (isLeftAlone()) {
            return leftAlone();
        }
        return fencing(
                "neither its agent nor its kubelet has been heard for " + FencePlanner.SILENCE.toSeconds() + " s");
    }

    /** The host runs and is cut off, and its FenceDevice does not want its power cut then. */
    private boolean isLeftAlone() {
        return fence.isAutomatic()
                && !facts.beaconSeenBy().isEmpty()
                && automaticDevices(facts)
                        .anyMatch(device -> device.getSpec().isolationResponse() == IsolationResponse.LeavePoweredOn);
    }

    private Optional<FenceStep> leftAlone() {
        return status.of(
                Phase.Requested,
                Reason.HostIsolated,
                "the power of " + facts.node()
                        + " is not cut automatically, since its host runs and is cut off from the API"
                        + " server: " + String.join(", ", facts.beaconSeenBy())
                        + " report that it writes into a storage location, and spec.isolationResponse of its FenceDevice is"
                        + " LeavePoweredOn. Restore its network; to cut its power all the same, run kubectl tlvm fence "
                        + facts.node() + " --power-off");
    }

    private Optional<FenceStep> fencing(String why) {
        return status.of(Phase.Fencing, why + ", so the fencer cuts it. Nothing is started elsewhere until it is off");
    }

    /** The answer of a FenceDevice of the node to this fence as it is now. */
    private Optional<Answer> answer() {
        return facts.devices().stream()
                .flatMap(device -> lastResult(device)
                        .filter(result -> result.answers()
                                .equals(fence.resource().getMetadata().getResourceVersion()))
                        .map(result -> new Answer(device, result))
                        .stream())
                .findFirst();
    }

    /** The device's last result, if it is of this fence, now or earlier. */
    private Optional<Result> lastResult(FenceDevice device) {
        return device.status()
                .map(FenceDeviceStatus::lastResult)
                .filter(result ->
                        result.fence().equals(fence.resource().getMetadata().getName()));
    }

    private record Answer(FenceDevice device, Result result) {}

    private Optional<FenceStep> verdict(Answer answer) {
        Result result = answer.result();
        String name = answer.device().getMetadata().getName();
        if (result.power() != Power.Off) {
            return failed("FenceDevice " + name + " does not show that the host is off: " + result.message());
        }
        if (answer.device().getSpec().agent() != Agent.fence_redfish) {
            return failed(
                    "FenceDevice " + name + " says over IPMI that the host is off, which is no proof, since nothing"
                            + " shows which machine answers. It is not switched again. Look at the host; if it is off, say so with"
                            + " kubectl tlvm fence " + facts.node());
        }
        if (!isTheHost(result)) {
            return failed("FenceDevice " + name + " has switched off machine " + result.machineUUID() + ", and "
                    + facts.node() + " is machine " + fence.resource().getSpec().machineUUID()
                    + ": correct the FenceDevice");
        }
        return status.proved(
                "the power of the host is cut, so its VMs start on other nodes: " + result.message(),
                new Proof(
                        answer.device().getSpec().agent().name(),
                        String.join(", ", result.observations()),
                        result.machineUUID(),
                        facts.now().toString(),
                        facts.unwatched().toSeconds()));
    }

    private boolean isTheHost(Result result) {
        Optional<MachineUuid> host =
                MachineUuid.parse(fence.resource().getSpec().machineUUID());
        return MachineUuid.parse(result.machineUUID())
                .filter(found -> host.filter(found::isSameMachine).isPresent())
                .isPresent();
    }

    private Optional<FenceStep> unanswered() {
        if (facts.devices().isEmpty()) {
            return failed(
                    "there is no FenceDevice with spec.nodeName " + facts.node() + ": create one, or look at the host"
                            + " and say that it is off with kubectl tlvm fence " + facts.node());
        }
        return isPast(ANSWER)
                ? failed("no fencer has answered for " + ANSWER.toMinutes()
                        + " minutes: check the Deployment trusted-launch-fencer")
                : Optional.empty();
    }

    private Optional<FenceStep> failed(String why) {
        return status.of(Phase.Failed, Reason.PowerOffFailed, why);
    }

    /** A host that is off by IPMI is not switched again: a person may want to look at it, or start it. */
    private boolean isDue() {
        boolean isOff = facts.devices().stream()
                .filter(device -> device.getSpec().agent() == Agent.fence_ipmilan)
                .flatMap(device -> lastResult(device).stream())
                .anyMatch(result -> result.power() == Power.Off);
        return !isOff && isPast(RETRY);
    }

    /** The time counts from the beginning of the present phase. */
    private boolean isPast(Duration time) {
        return RecordedTime.isOver(
                time, Instant.parse(fence.resource().getStatus().since()), facts.now());
    }
}
