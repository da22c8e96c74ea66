package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceSpecBuilder;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.FenceRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides what proves a node dead; pure. Silence is no proof, and a word counts only as long as nothing contradicts it. A proof
 * holds for one boot of the host.
 */
final class FencePlanner {
    /** Agents and kubelets renew their Leases every ten seconds: three renewals may be lost. */
    static final Duration SILENCE = Duration.ofSeconds(40);

    /** A released fence shows what happened, and incarnations that begin because of it look it up. */
    static final Duration RETENTION = Duration.ofDays(1);

    static final String REPLACED = "what a person says of the host replaces it";

    private static final String NODE_GONE = "the ClusterNode that it was made for was deleted";

    private static final String BACK_FOR_LONG = "the host has been back for " + RETENTION.toHours() + " hours";

    private static final String CHECK_DEVICE =
            " The FenceDevice is wrong, or somebody switched the host on: check which machine it switches.";

    private static final String WITHDRAWN = "it is not said any more that the host is off";

    private final FenceFacts facts;

    private FencePlanner(FenceFacts facts) {
        this.facts = facts;
    }

    /** Plans at most one step for each NodeFence. */
    static List<FenceStep> plan(FenceFacts facts) {
        FencePlanner planner = new FencePlanner(facts);
        return Stream.concat(
                        facts.fences().stream().flatMap(fence -> planner.next(fence).stream()),
                        planner.request().stream())
                .toList();
    }

    /** A word about another boot than that of the last answer says nothing of the guests that may run now. */
    private Optional<FenceStep> request() {
        return facts.requests().stream()
                .filter(request -> facts.boot().equals(Optional.of(request.boot())))
                .findFirst()
                .map(this::spec)
                .or(() -> PowerFencePlanner.automatic(facts))
                .filter(spec ->
                        facts.fences().stream().noneMatch(fence -> fence.boot().equals(spec.bootID())))
                .map(FenceStep.Create::new);
    }

    private NodeFenceSpec spec(FenceRequest request) {
        return NodeFenceSpecBuilder.builder()
                .nodeName(facts.node())
                .bootID(request.boot())
                .method(request.method())
                .machineUUID(
                        request.method() == Method.Power ? facts.machineUUID().orElse(null) : null)
                .nodeUID(facts.nodeUID())
                .build();
    }

    private Optional<FenceStep> next(Fence fence) {
        return due(fence).or(() -> status(fence).redated());
    }

    private Optional<FenceStep> due(Fence fence) {
        if (fence.phase() == Phase.Released) {
            return ofReleased(fence, facts.now());
        }
        if (fence.phase() != Phase.Proved && facts.isOfAnotherNode(fence)) {
            return removed(fence, NODE_GONE);
        }
        if (facts.isInAnotherBoot(fence)) {
            return fence.phase() == Phase.Proved
                    ? status(fence).released("the host is back in another boot")
                    : removed(fence, "the host is back in another boot");
        }
        return switch (fence.phase()) {
            case Requested, Fencing, Failed ->
                fence.method() == Method.Power ? new PowerFencePlanner(facts, fence).next() : requested(fence);
            case Proved -> fence.agentHeard() ? contradicted(fence, "its agent") : Optional.empty();
            case Contradicted -> wasContradicted(fence);
            case Released -> Optional.empty();
        };
    }

    /**
     * All that people say has to be withdrawn while they still say what they said when the host was heard: a NodeFence by
     * another of these words would not know that it was. A management controller that was wrong is asked again only if a person
     * says so.
     */
    private Optional<FenceStep> wasContradicted(Fence fence) {
        List<Method> said = methods(fence);
        List<Method> standing = Collections.disjoint(fence.contradictedMethods(), said) ? List.of() : said;
        if (standing.isEmpty() && !(fence.isAutomatic() && said.isEmpty())) {
            return removed(fence, fence.isAutomatic() ? REPLACED : WITHDRAWN);
        }
        return standing.equals(fence.contradictedMethods())
                ? Optional.empty()
                : status(fence).contradicted(fence.resource().getStatus().message(), standing);
    }

    private List<Method> methods(Fence fence) {
        return facts.requestsAbout(fence).stream().map(FenceRequest::method).toList();
    }

    private Optional<FenceStep> requested(Fence fence) {
        Optional<FenceRequest> request = facts.requestFor(fence);
        if (request.isEmpty()) {
            return removed(fence, WITHDRAWN);
        }
        if (fence.agentHeard() || fence.kubeletHeard()) {
            return contradicted(fence, fence.agentHeard() ? "its agent" : "its kubelet");
        }
        String by = request.get().by();
        return facts.isSilent()
                ? status(fence)
                        .proved(
                                by
                                        + " says that the host is off, and neither its agent nor its kubelet is heard: its VMs"
                                        + " start on other nodes",
                                new Proof(
                                        by,
                                        "silent for " + SILENCE.toSeconds() + " s",
                                        null,
                                        facts.now().toString(),
                                        facts.unwatched().toSeconds()))
                : status(fence)
                        .of(
                                Phase.Requested,
                                by + " says that the host is off. Nothing is started elsewhere until neither its agent"
                                        + " nor its kubelet has been heard for " + SILENCE.toSeconds() + " s");
    }

    private Optional<FenceStep> contradicted(Fence fence, String who) {
        List<Method> methods = methods(fence);
        return status(fence)
                .contradicted(
                        who + " was heard although the host is said to be off, so nothing more is started elsewhere."
                                + (fence.method() == Method.Power ? CHECK_DEVICE : "")
                                + (methods.isEmpty() ? "" : withdrawal(methods)),
                        methods);
    }

    private static String withdrawal(List<Method> methods) {
        return methods.stream()
                .map(method -> switch (method) {
                    case OutOfService -> "the taint node.kubernetes.io/out-of-service";
                    case Statement -> "spec.fencing.statement (kubectl tlvm fence --withdraw)";
                    case Power -> "spec.fencing.powerOff (kubectl tlvm fence --withdraw)";
                })
                .collect(
                        Collectors.joining(" and ", " Remove ", ", see that the host is really off, and say so again"));
    }

    static Optional<FenceStep> removed(Fence fence, String why) {
        return Optional.of(new FenceStep.Remove(fence.resource(), why));
    }

    private FenceStatus status(Fence fence) {
        return new FenceStatus(fence, facts.now());
    }

    private static Optional<FenceStep> ofReleased(Fence fence, Instant now) {
        Instant since = Instant.parse(fence.resource().getStatus().since());
        return !RecordedTime.isFuture(since, now) && RecordedTime.isOver(RETENTION, since, now)
                ? removed(fence, BACK_FOR_LONG)
                : Optional.empty();
    }

    /**
     * The next step of a fence whose ClusterNode is gone. A proof stays: VMs of that node may still have to start elsewhere, and
     * the deletion says nothing new of the host.
     */
    static Optional<FenceStep> withoutNode(NodeFence resource, Instant now) {
        Fence fence = new Fence(resource, false, false);
        Optional<FenceStep> due = switch (fence.phase()) {
            case Requested, Fencing, Failed, Contradicted -> removed(fence, NODE_GONE);
            case Released -> ofReleased(fence, now);
            case Proved -> Optional.empty();
        };
        return due.or(() -> new FenceStatus(fence, now).redated());
    }
}
