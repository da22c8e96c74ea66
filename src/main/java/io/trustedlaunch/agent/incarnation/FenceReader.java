package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.folder.FenceCheck;
import io.trustedlaunch.agent.location.Stillness;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.StorageLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads the NodeFence. If a person's word is the proof, this agent must also see for itself that the other node writes nothing
 * into the folder that both share. Where they share none, nothing could contradict the word, and it is no proof. Power that is
 * off needs no such sight, but a node that is seen to write has power, whatever its management controller says.
 *
 * @param nodeName of this node
 * @param fences one by its name, with a plain GET, which the API server answers from storage
 * @param beacons whether a node's agent writes nothing into a storage location, as read now
 * @param locations as they are on record, from the API server
 * @param clock for messages only
 */
public record FenceReader(
        String nodeName,
        Function<String, Optional<NodeFence>> fences,
        BiFunction<Path, String, Stillness> beacons,
        Supplier<List<StorageLocation>> locations,
        InstantSource clock)
        implements FenceCheck {
    /** @param beacons how still a node is in a storage location */
    public static FenceReader of(
            KubernetesClient client,
            String nodeName,
            BiFunction<Path, String, Stillness> beacons,
            InstantSource clock) {
        return new FenceReader(
                nodeName,
                fence -> Optional.ofNullable(
                        client.resources(NodeFence.class).withName(fence).get()),
                beacons,
                () -> client.resources(StorageLocation.class).list().getItems(),
                clock);
    }

    @Override
    public Optional<Problem> problem(String name, Path location) {
        try {
            return fences.apply(name)
                    .map(fence -> problem(name, fence, location))
                    .orElseGet(() -> contradicted(
                            name,
                            " does not exist any more, so nothing proves that the node which the VM was on is dead. Bring that"
                                    + " node back; if it is off for good, say so again with kubectl tlvm fence"));
        } catch (KubernetesClientException e) {
            return Optional.of(new Problem(
                    Reason.OwnershipUnread,
                    "the VM's folder is not touched because NodeFence " + name
                            + " cannot be read from the API server: " + e.getMessage()
                            + "; check the connection of this node to the API server"));
        }
    }

    private Optional<Problem> problem(String name, NodeFence fence, Path location) {
        Optional<Phase> phase = fence.status().map(NodeFenceStatus::phase);
        if (phase.equals(Optional.of(Phase.Released))) {
            return Optional.empty();
        }
        if (!phase.equals(Optional.of(Phase.Proved))) {
            return contradicted(
                    name,
                    " no longer proves that the node which the VM was on is dead"
                            + phase.map(one -> " (" + one + ")").orElse("") + ": see kubectl describe nodefence "
                            + name);
        }
        String node = fence.getSpec().nodeName();
        return fence.getSpec().method() == Method.Power
                ? signOfPower(name, node, location)
                : contradiction(name, node, location);
    }

    /** A management controller may lie, or switch another machine. */
    private Optional<Problem> signOfPower(String fence, String node, Path location) {
        return switch (beacons.apply(location, node)) {
            case Stillness.Moving moving -> powered(fence, node, location, moving.ago(), "it wrote at ");
            case Stillness.NotWatched young -> powered(fence, node, location, young.watched(), "it has watched since ");
            case Stillness.Still still -> Optional.empty();
            case Stillness.NotShared none -> Optional.empty();
            case Stillness.Unreadable(String message) -> unseen(node, location, message);
        };
    }

    private Optional<Problem> powered(String fence, String node, Path location, Duration seen, String since) {
        return seen.compareTo(Stillness.ONE_BEAT) >= 0
                ? Optional.empty()
                : awaiting(untilSeen(seen, Stillness.ONE_BEAT, writesNothing(node, location)) + "; " + since + ago(seen)
                        + ". If it goes on writing, its host runs although NodeFence " + fence
                        + " says that its power is off: power it off by hand, and check its FenceDevice");
    }

    /** This node's own observation that contradicts a person's statement. */
    private Optional<Problem> contradiction(String fence, String node, Path location) {
        String watched = writesNothing(node, location);
        return switch (beacons.apply(location, node)) {
            case Stillness.Still(boolean hasMoved) ->
                hasMoved || isSharedOnRecord(location, node) ? Optional.empty() : unwatchable(fence, node, location);
            case Stillness.NotShared none -> unwatchable(fence, node, location);
            case Stillness.Moving moving ->
                awaiting(untilSeen(moving.ago(), Stillness.BELIEVED, watched) + "; it wrote at " + ago(moving.ago())
                        + ". If it goes on writing, its host runs: power it off");
            case Stillness.NotWatched young ->
                awaiting(untilSeen(young.watched(), Stillness.BELIEVED, watched) + "; it has watched since "
                        + ago(young.watched()));
            case Stillness.Unreadable(String message) -> unseen(node, location, message);
        };
    }

    private static Optional<Problem> unseen(String node, Path location, String message) {
        return awaiting("the VM's folder is not touched because this node cannot see that "
                + writesNothing(node, location) + ": " + message);
    }

    private static String writesNothing(String node, Path location) {
        return node + "'s agent writes nothing into storage location " + location;
    }

    private String untilSeen(Duration already, Duration needed, String watched) {
        return "the VM's folder is not touched until " + ago(already.minus(needed))
                + " at the earliest, when this node has seen for " + needed.toSeconds() + " s that " + watched;
    }

    /** A time, and not how long ago it was: a message that changes all the time is reported all the time. */
    private Instant ago(Duration ago) {
        return clock.instant().minus(ago).truncatedTo(ChronoUnit.SECONDS);
    }

    /** The operator's record outlives this agent, which has not seen a dead node's beacon move if it began after its death. */
    private boolean isSharedOnRecord(Path location, String node) {
        return locations.get().stream()
                .filter(known -> Path.of(known.getSpec().path()).equals(location))
                .filter(known -> known.getStatus() != null)
                .flatMap(known -> known.getStatus().groups().stream())
                .anyMatch(group -> group.nodeNames().containsAll(List.of(nodeName, node)));
    }

    private Optional<Problem> unwatchable(String fence, String node, Path location) {
        return Optional.of(new Problem(
                Reason.PowerProofRequired,
                "the VM's folder is not touched because only a person's word proves in NodeFence " + fence + " that "
                        + node
                        + " is dead, and " + nodeName + " does not share storage location " + location
                        + " with it, so it cannot see whether its guest still runs. Switch " + node
                        + "'s host on, so that it is heard in another boot; or make sure that it is off, and accept the"
                        + " word for this VM: add " + fence + " to its annotation " + Api.ACCEPTED_FENCE
                        + ". Next time, have its power cut instead: kubectl tlvm fence " + node + " --power-off"));
    }

    private static Optional<Problem> contradicted(String fence, String why) {
        return Optional.of(new Problem(
                Reason.FenceContradicted, "the VM's folder is not touched because NodeFence " + fence + why));
    }

    private static Optional<Problem> awaiting(String message) {
        return Optional.of(new Problem(Reason.AwaitingFence, message));
    }
}
