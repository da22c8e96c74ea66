package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.time.Duration;

/**
 * Which VMs are backed up, when, and where.
 *
 * @param vmSelector the VMs, of the schedule's namespace; one that is off is saved once
 * @param locationRef a BackupLocation
 * @param schedule minute, hour, day of the month, month and day of the week, as cron takes them
 * @param timeZone in which the schedule is, a name of the IANA database such as Europe/Berlin
 * @param mode how much is saved
 * @param quiesce whether guest agents are asked to freeze the guests' file systems for a moment
 * @param startWithin a backup that could not begin within this time is not made up for, and counted in status.missed
 * @param suspend no backups begin; the times that pass meanwhile are not made up for
 * @param parallel the most backups that are made at a time, and the most that are verified
 * @param keep which of its backups are kept; the others are removed, with their files. If omitted, all
 * @param verify when its backups are verified; if omitted, never
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMBackupScheduleSpec(
        @Required LabelSelector vmSelector,
        @Required ObjectRef locationRef,

        @Required @Size(min = 9, max = 128) @Pattern("^[-0-9A-Za-z*/,]+( +[-0-9A-Za-z*/,]+){4}$")
        String schedule,

        @Default("Etc/UTC") @Size(min = 1, max = 64) @Pattern("^[A-Za-z0-9][-+_/A-Za-z0-9]*$")
        String timeZone,

        @Default("Auto") BackupMode mode,
        @Default("BestEffort") Quiesce quiesce,

        @Default("6h") @Size(min = 2, max = 16) @Pattern(Schemas.DURATION)
        String startWithin,

        @Default("false") Boolean suspend,
        @Default("4") @Min(1) @Max(64) Integer parallel,
        Keep keep,
        Verify verify) {
    private static final String UTC = "Etc/UTC";
    private static final String START_WITHIN = "6h";
    private static final int PARALLEL = 4;

    public VMBackupScheduleSpec {
        timeZone = timeZone == null ? UTC : timeZone;
        mode = mode == null ? BackupMode.Auto : mode;
        quiesce = quiesce == null ? Quiesce.BestEffort : quiesce;
        startWithin = startWithin == null ? START_WITHIN : startWithin;
        suspend = suspend != null && suspend;
        parallel = parallel == null ? PARALLEL : parallel;
    }

    /**
     * The backups of each VM that are kept.
     *
     * @param last the number of the last ones
     * @param daily the number of days of which the newest one is kept
     * @param weekly the number of weeks of which the newest one is kept; they begin on Monday
     * @param monthly the number of months of which the newest one is kept
     * @param yearly the number of years of which the newest one is kept
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Keep(
            @Default("7") @Min(1) @Max(1000) Integer last,
            @Default("0") @Min(0) @Max(1000) Integer daily,
            @Default("0") @Min(0) @Max(520) Integer weekly,
            @Default("0") @Min(0) @Max(240) Integer monthly,
            @Default("0") @Min(0) @Max(100) Integer yearly) {
        private static final int LAST = 7;

        public Keep {
            last = last == null ? LAST : last;
            daily = daily == null ? 0 : daily;
            weekly = weekly == null ? 0 : weekly;
            monthly = monthly == null ? 0 : monthly;
            yearly = yearly == null ? 0 : yearly;
        }
    }

    /**
     * Verification of all that the schedule's backups need, and those of its VMs in the location that no schedule made.
     *
     * @param every all is read again within this time, and the time that the reading takes
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Verify(
            @Required @Size(min = 2, max = 16) @Pattern(Schemas.DURATION)
            String every) {
        /** {@link #every}. */
        public Duration interval() {
            return Schemas.duration(every);
        }
    }

    /** {@link #startWithin}. */
    public Duration deadline() {
        return Schemas.duration(startWithin);
    }
}
