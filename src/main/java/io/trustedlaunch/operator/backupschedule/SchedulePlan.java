package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.VMBackup;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The steps that are due for a schedule.
 *
 * @param problem why it creates nothing
 * @param create in order
 * @param cancel have waited too long, and have not begun
 * @param missed VMs that are not backed up now, each with the reason; one line each
 * @param progress what is on record then
 */
record SchedulePlan(
        Optional<Problem> problem,
        List<VMBackup> create,
        List<VMBackup> cancel,
        List<String> missed,
        Progress progress) {

    /**
     * @param handledUntil what was due until then is done
     * @param lastTime the last time of the schedule for which backups were created
     * @param nextTime the next time of the schedule
     * @param wake when to plan again if nothing happens before
     * @param answered the request for backups out of turn that is carried out with this plan
     */
    record Progress(
            Instant handledUntil,
            Optional<Instant> lastTime,
            Optional<Instant> nextTime,
            Optional<Instant> wake,
            Optional<String> answered) {}
}
