package io.trustedlaunch.api.restore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;
import java.util.List;

/**
 * How far the restore is, as its agent reports.
 *
 * @param phase how far it is; once it is Completed, the VM's files are those of the backup; if it has Failed, they are as they were
 * @param reason why it failed, or why it cannot go on now; absent otherwise
 * @param message the same, for people
 * @param progressPercent percentage of the backup's files that was read
 * @param conditions Complete or Failed, once it has ended, as Jobs have them
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record RestoreRunStatus(
        RunPhase phase,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        Integer progressPercent,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements RunStatus, Conditioned {
    public RestoreRunStatus {
        message = Messages.bounded(message);
        progressPercent = Percent.bounded(progressPercent);
        conditions = Lists.orEmpty(conditions);
    }

    public RestoreRunStatus(RunPhase phase, String reason, String message) {
        this(phase, reason, message, null);
    }

    public RestoreRunStatus(RunPhase phase, String reason, String message, Integer progressPercent) {
        this(phase, reason, message, progressPercent, List.of());
    }
}
