package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/**
 * How far the fence is.
 *
 * @param phase what was proved, or is being done
 * @param proof what proves the end of the boot
 * @param message the facts, for people
 * @param conditions the conditions of the fence
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeFenceStatus(
        Phase phase,
        Proof proof,
        @Size(max = Messages.MAX_LENGTH) String message,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions) {
    public NodeFenceStatus {
        message = Messages.bounded(message);
        conditions = Lists.orEmpty(conditions);
    }

    /** What was proved, or is being done. */
    public enum Phase {
        /** The fence was asked for. */
        Requested,
        /** The fencer cuts the host's power. */
        Fencing,
        /** The boot is over. */
        Proved,
        /** The host is back in another boot. */
        Released,
        /** The boot that was said to be over was heard again. */
        Contradicted,
        /** The attempt failed. */
        Failed
    }

    /**
     * What proves the end of the boot.
     *
     * @param source who or what says so
     * @param observed what was seen
     * @param machineUUID of the machine whose power was seen to be off; only with method Power
     * @param time of the observation
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Proof(String source, String observed, String machineUUID, String time) {}
}
