package io.trustedlaunch.operator.backupschedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;

/**
 * The times of a schedule. When clocks are put forward, what is in the hour that is left out is due when it would have begun;
 * when they are put back, what is in the hour that comes twice is due the first time.
 */
final class CronTimes {
    private static final CronDefinition UNIX = CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);

    private final ExecutionTime times;
    private final ZoneId zone;

    private CronTimes(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /** @throws IllegalArgumentException with a message for people, if one of them is none */
    static CronTimes of(String schedule, String timeZone) {
        ZoneId zone;
        try {
            zone = ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "timeZone " + timeZone + " is not known; use a name such as Europe/Berlin or Etc/UTC", e);
        }
        try {
            return new CronTimes(
                    ExecutionTime.forCron(new CronParser(UNIX).parse(schedule).validate()), zone);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "schedule \"" + schedule + "\" is not one that cron takes: " + e.getMessage(), e);
        }
    }

    /** The first one later than an instant; empty if there is none, as on February 30. */
    Optional<Instant> after(Instant instant) {
        Optional<ZonedDateTime> next = times.nextExecution(local(instant));
        while (next.isPresent() && !instant(next.get()).isAfter(instant)) {
            // This is in the hour that comes twice, or at the end of the one that is left out.
            next = times.nextExecution(next.get());
        }
        return next.map(this::instant);
    }

    /** The last one that is not later than an instant. */
    Optional<Instant> until(Instant instant) {
        return times.lastExecution(endOfSecond(instant)).map(this::instant);
    }

    /** The library takes only the end as exclusive. In the second pass of an hour, the whole first one is over. */
    private ZonedDateTime endOfSecond(Instant instant) {
        ZonedDateTime local = local(instant).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        ZonedDateTime there = instant.atZone(zone);
        ZoneOffsetTransition overlap = zone.getRules().getTransition(there.toLocalDateTime());
        return overlap != null && there.getOffset().equals(overlap.getOffsetAfter())
                ? overlap.getDateTimeBefore().atZone(ZoneOffset.UTC)
                : local;
    }

    /** The time that clocks show, without gaps: the library would decide otherwise about them. */
    private ZonedDateTime local(Instant instant) {
        return instant.atZone(zone).toLocalDateTime().atZone(ZoneOffset.UTC);
    }

    private Instant instant(ZonedDateTime local) {
        LocalDateTime clocks = local.toLocalDateTime();
        ZoneOffsetTransition transition = zone.getRules().getTransition(clocks);
        return transition != null && transition.isGap()
                ? transition.getInstant()
                : ZonedDateTime.ofLocal(clocks, zone, null).toInstant();
    }
}
