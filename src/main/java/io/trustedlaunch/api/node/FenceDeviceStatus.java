package io.trustedlaunch.api.node;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import java.util.List;

/**
 * The observations of the fencer, which alone writes it.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the fencer has seen the object
 * @param machineUUID UUID of the machine that the management controller is in, if it says so
 * @param lastTestTime when the management controller was asked last; it is asked once a day at least
 * @param lastResult what came of the last attempt to cut the power; absent if there was none
 * @param conditions the condition Ready;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record FenceDeviceStatus(
        Long observedGeneration,
        @Size(max = 64) String machineUUID,
        String lastTestTime,
        Result lastResult,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    public FenceDeviceStatus {
        machineUUID = Messages.bounded(machineUUID, 64);
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The outcome of an attempt to cut the power.
     *
     * @param fence name of the NodeFence that asked for it
     * @param answers resourceVersion of that NodeFence: an attempt for an earlier one answers nothing
     * @param power what was observed after it; Off only if it was observed twice
     * @param observations what was observed, and when
     * @param machineUUID UUID of the machine that was switched, as read before and after; absent over IPMI
     * @param time when the attempt ended
     * @param message what happened and what to do next, for people
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Result(
            @Size(max = 253) String fence,
            @Size(max = 64) String answers,
            Power power,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = Result.MAX_OBSERVATIONS)
            List<@Size(max = Result.MAX_OBSERVATION) String> observations,

            @Size(max = 64) String machineUUID,
            @Size(max = Messages.MAX_TIME) String time,
            @Size(max = Messages.MAX_LENGTH) String message) {
        private static final int MAX_OBSERVATIONS = 16;
        private static final int MAX_OBSERVATION = 128;

        public Result {
            observations = Lists.first(
                    MAX_OBSERVATIONS,
                    Lists.orEmpty(observations).stream()
                            .map(text -> Messages.bounded(text, MAX_OBSERVATION))
                            .toList());
            machineUUID = Messages.bounded(machineUUID, 64);
            message = Messages.bounded(message);
        }
    }

    /** Whether a machine has power. */
    public enum Power {
        /** It is off. */
        Off,
        /** It is on, or on its way from one to the other. */
        On,
        /** It is not known: no answer is no proof. */
        Unknown
    }
}
