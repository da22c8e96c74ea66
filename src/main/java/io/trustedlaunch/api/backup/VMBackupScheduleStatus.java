package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import java.util.List;

/**
 * The last and the next backups of the schedule. Times are RFC 3339, UTC.
 *
 * @param observedGeneration generation of the spec that this status describes
 * @param active VMBackups of it that have not ended
 * @param lastScheduleTime the last time of the schedule for which backups were created
 * @param lastSuccessfulTime when the last backup of it was completed
 * @param nextScheduleTime the next time of the schedule; absent while it is suspended or not valid
 * @param handledUntil backups that were due until then are created or missed; each VM has an instant of its own, soon after the
 *     time of the schedule
 * @param lastRequestedRun the annotation trustedlaunch.io/run-requested-at that was carried out last: each VM has its backup
 * @param missed backups that were not made, since the schedule was created
 * @param kept how many of its backups are kept and why; absent without spec.keep and without the location
 * @param conditions Ready, BackupOverdue and ClocksTrusted;
 *     Stalled or Reconciling while it is not as its spec requests
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMBackupScheduleStatus(
        Long observedGeneration,
        Integer active,
        @Size(max = 40) String lastScheduleTime,
        @Size(max = 40) String lastSuccessfulTime,
        @Size(max = 40) String nextScheduleTime,
        @Size(max = 40) String handledUntil,
        @Size(max = VMBackupScheduleStatus.MAX_REQUEST) String lastRequestedRun,
        Long missed,
        Kept kept,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    static final int MAX_REQUEST = 64;

    public VMBackupScheduleStatus {
        conditions = Lists.orEmpty(conditions);
    }

    /**
     * The completed backups of the schedule in its location, of all VMs. One that several rules keep counts for each of them.
     *
     * @param total all that are kept
     * @param last kept by spec.keep.last
     * @param daily kept by spec.keep.daily
     * @param weekly kept by spec.keep.weekly
     * @param monthly kept by spec.keep.monthly
     * @param yearly kept by spec.keep.yearly
     * @param verified the newest verified one of each VM
     * @param held kept because of the annotation trustedlaunch.io/protected
     * @param minimumRetention kept only because spec.minimumRetention of the location has not passed
     * @param notRestorable kept because their VMs have no backup that can be restored
     * @param damaged kept, and counted by no rule, until their VMs have a backup that was begun after they were found damaged
     * @param future kept, and counted by no rule, because they are dated later than now
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @RecordBuilder
    public record Kept(
            Integer total,
            Integer last,
            Integer daily,
            Integer weekly,
            Integer monthly,
            Integer yearly,
            Integer verified,
            Integer held,
            Integer minimumRetention,
            Integer notRestorable,
            Integer damaged,
            Integer future) {}
}
