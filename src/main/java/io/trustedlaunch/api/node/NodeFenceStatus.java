package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import java.util.List;

/**
 * How far the proof is.
 *
 * @param phase the state of the fence
 * @param since when it came into that phase
 * @param reason why it is not proved, where the phase does not say it
 * @param message why it is in that phase, and what to do, for people
 * @param proof what proves the host dead; absent until it does
 * @param leader holder identity in the operator's Lease of the process that looks after it; another one first puts its own
 *     there, so that a former leader that stood still changes nothing
 * @param contradictedMethods the ways in which people still say that the host is off although it was heard since. Until all of
 *     that is withdrawn, none of it counts
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record NodeFenceStatus(
        Phase phase,
        @Size(max = Messages.MAX_TIME) String since,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        Proof proof,
        @Size(max = 64) String leader,
        @Size(max = 3) List<Method> contradictedMethods) {
    public NodeFenceStatus {
        message = Messages.bounded(message);
        contradictedMethods = contradictedMethods == null ? List.of() : List.copyOf(contradictedMethods);
    }

    /** The state of a fence. */
    public enum Phase {
        /** It is made sure that nothing contradicts it. Nothing is started elsewhere. */
        Requested,
        /** The fencer cuts the host's power. Nothing is started elsewhere. */
        Fencing,
        /** The host's power could not be cut; it is tried again. Nothing is started elsewhere. */
        Failed,
        /** No guest runs in that boot, and none will: its VMs start elsewhere. */
        Proved,
        /** That boot was heard although it was said to be dead. Nothing more is started elsewhere. */
        Contradicted,
        /** The host is back in another boot. */
        Released
    }

    /**
     * The proof that a host is dead.
     *
     * @param source who says so: a user, or a fence agent by its program
     * @param observed what was observed, for people
     * @param machineUUID UUID of the machine whose power was cut; absent if a person says so
     * @param time when the operator took it as proved
     * @param unwatchedSeconds for how long the host lived on after its agent was heard last, by its own clock
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Proof(
            @Size(max = 253) String source,
            @Size(max = Messages.MAX_LENGTH) String observed,
            @Size(max = 36) String machineUUID,
            @Size(max = Messages.MAX_TIME) String time,
            Long unwatchedSeconds) {
        public Proof {
            observed = Messages.bounded(observed);
        }
    }
}
