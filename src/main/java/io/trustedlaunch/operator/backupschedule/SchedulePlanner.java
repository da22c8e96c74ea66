package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.backup.BackupAttempts;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plans what is due for a schedule: of the times that have passed only the last one is made up for, and each VM's part of it in
 * the order in which the VMs are due. Pure.
 */
final class SchedulePlanner {
    /** VMs of one time, and of several schedules, do not all begin at the same instant. */
    static final Duration MOST_DELAY = BackupAttempts.SPREAD;

    private static final int PARTS_OF_INTERVAL = 10;

    /** Times that passed without the operator; more than these are not counted. */
    private static final int MOST_MISSED_TIMES = 100;

    private final ScheduleFacts facts;
    private final Map<String, VMBackup> byName;
    private final Set<String> busy;
    private final List<VMBackup> create = new ArrayList<>();
    private final List<VMBackup> cancel = new ArrayList<>();
    private final List<String> missed = new ArrayList<>();
    private long free;
    private Instant handledUntil;
    private Optional<Instant> lastTime;
    private Optional<String> answered = Optional.empty();

    /** A VM's part of a time of the schedule. */
    private record Turn(Instant time, Instant due, TrustedLaunchVM vm) {}

    private SchedulePlanner(ScheduleFacts facts) {
        this.facts = facts;
        this.byName = facts.backups().stream()
                .collect(Collectors.toMap(backup -> backup.getMetadata().getName(), backup -> backup));
        this.busy = facts.open().stream()
                .map(backup -> backup.getSpec().vmRef().name())
                .collect(Collectors.toSet());
        this.free = facts.spec().parallel() - facts.occupied();
        this.handledUntil = facts.handledUntil();
        this.lastTime = facts.recorded(VMBackupScheduleStatus::lastScheduleTime);
    }

    static SchedulePlan plan(ScheduleFacts facts) {
        CronTimes times;
        try {
            times = CronTimes.of(facts.spec().schedule(), facts.spec().timeZone());
        } catch (IllegalArgumentException e) {
            return new SchedulePlan(
                    Optional.of(new Problem(Reason.ScheduleInvalid, e.getMessage())),
                    List.of(),
                    List.of(),
                    List.of(),
                    new SchedulePlan.Progress(
                            facts.handledUntil(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
        }
        return new SchedulePlanner(facts).plan(times);
    }

    private SchedulePlan plan(CronTimes times) {
        Optional<Problem> problem = problem(times);
        expire();
        Optional<Instant> wake = times.until(facts.now())
                .filter(time -> time.isAfter(facts.created()))
                .flatMap(time -> handle(times, time, problem));
        if (locationProblem().isEmpty()) {
            facts.schedule().pendingRun().ifPresent(this::run);
        }
        Optional<Instant> next = facts.spec().suspend() ? Optional.empty() : times.after(facts.now());
        return new SchedulePlan(
                problem,
                List.copyOf(create),
                List.copyOf(cancel),
                List.copyOf(missed),
                new SchedulePlan.Progress(
                        handledUntil,
                        lastTime,
                        next,
                        Stream.concat(wake.stream(), times.after(facts.now()).stream())
                                .min(Comparator.naturalOrder()),
                        answered));
    }

    private Optional<Problem> problem(CronTimes times) {
        if (times.after(facts.now()).isEmpty()) {
            return Optional.of(new Problem(
                    Reason.ScheduleInvalid,
                    "schedule \"" + facts.spec().schedule() + "\" has no time: no month has its day"));
        }
        if (facts.spec().suspend()) {
            return Optional.of(new Problem(
                    Reason.ScheduleSuspended, "spec.suspend is true; the times that pass are not made up for"));
        }
        return locationProblem();
    }

    private Optional<Problem> locationProblem() {
        String name = facts.spec().locationRef().name();
        if (facts.location().isEmpty()) {
            return Optional.of(new Problem(
                    Reason.BackupLocationNotFound,
                    "there is no BackupLocation " + name + ": an administrator creates it, or name another one"));
        }
        BackupLocation location = facts.location().get();
        String namespace = facts.schedule().getMetadata().getNamespace();
        return location.getSpec().allows(namespace)
                ? BackupLocationChecks.identified(location)
                : Optional.of(new Problem(
                        Reason.NamespaceNotAllowed,
                        "BackupLocation " + name + " is not offered to namespace " + namespace
                                + ": name another one, or ask an administrator to add the namespace to its"
                                + " spec.allowedNamespaces"));
    }

    /** One that begins hours later would disturb users who rely on the time. One that was tried fails with its reason. */
    private void expire() {
        facts.open().stream()
                .filter(backup -> !backup.hasBegun() && backup.retry().isEmpty())
                .filter(backup -> isTooLate(waitsSince(backup).plus(MOST_DELAY)))
                .forEach(backup -> {
                    cancel.add(backup);
                    missed.add(backup.getSpec().vmRef().name() + " (VMBackup "
                            + backup.getMetadata().getName() + " could not begin in time)");
                });
    }

    /** One that was made for a time of the future, by a clock that was wrong, does not wait until then. */
    private static Instant waitsSince(VMBackup backup) {
        Instant created = Instant.parse(backup.getMetadata().getCreationTimestamp());
        Instant time = ScheduledBackups.time(backup);
        return time.isAfter(created) ? created : time;
    }

    /** Returns when the next VM is due; empty if that is not known. */
    private Optional<Instant> handle(CronTimes times, Instant time, Optional<Problem> problem) {
        List<TrustedLaunchVM> selected = facts.selected();
        pass(times, time, selected);
        Duration window = window(times, time);
        List<Turn> turns = selected.stream()
                .map(vm -> new Turn(time, time.plus(ScheduledBackups.delay(facts.schedule(), vm, window)), vm))
                .filter(turn -> turn.due().isAfter(handledUntil))
                .sorted(Comparator.comparing(Turn::due)
                        .thenComparing(turn -> turn.vm().identity()))
                .toList();
        for (Turn turn : turns) {
            if (turn.due().isAfter(facts.now())) {
                return Optional.of(turn.due());
            }
            // Two that are due at the same instant are handled together: only the instant is on record.
            boolean canBegin = problem.isEmpty() && (free > 0 || turn.due().equals(handledUntil));
            if (canBegin && !isTooLate(turn.due())) {
                free -= begin(turn) ? 1 : 0;
            } else if (facts.spec().suspend()) {
                // Neither made nor missed.
                handledUntil = turn.due();
                continue;
            } else if (isTooLate(turn.due())) {
                missed.add(turn.vm().getMetadata().getName() + " (its turn did not come in time)");
            } else {
                return Optional.of(turn.due().plus(facts.spec().deadline()).plusMillis(1));
            }
            handledUntil = turn.due();
        }
        return Optional.empty();
    }

    /** Returns true if a VMBackup is to be created. */
    private boolean begin(Turn turn) {
        lastTime = Optional.of(turn.time());
        String name = ScheduledBackups.name(facts.schedule(), turn.vm(), turn.time());
        if (byName.containsKey(name)) {
            // An operator made it that died before it was on record.
            return false;
        }
        String vm = turn.vm().getMetadata().getName();
        if (busy.contains(vm)) {
            missed.add(vm + " (its backup before has not ended)");
            return false;
        }
        create.add(ScheduledBackups.create(facts.schedule(), turn.vm(), turn.time()));
        busy.add(vm);
        return true;
    }

    /** The times of the schedule go on as if there were no request. It is carried out when each VM has its backup. */
    private void run(String request) {
        List<TrustedLaunchVM> left = facts.selected().stream()
                .filter(vm -> !byName.containsKey(ScheduledBackups.name(facts.schedule(), vm, request)))
                .sorted(Comparator.comparing(TrustedLaunchVM::identity))
                .toList();
        List<TrustedLaunchVM> begun = left.stream()
                .filter(vm -> !busy.contains(vm.getMetadata().getName()))
                .limit(Math.max(0, free))
                .toList();
        begun.forEach(vm -> create.add(ScheduledBackups.create(
                facts.schedule(), vm, ScheduledBackups.name(facts.schedule(), vm, request), facts.now())));
        if (begun.size() == left.size()) {
            answered = Optional.of(request);
        }
    }

    /** All times before the last one are over. */
    private void pass(CronTimes times, Instant last, List<TrustedLaunchVM> selected) {
        if (!handledUntil.isBefore(last)) {
            return;
        }
        if (!facts.spec().suspend()) {
            earlier(times, last).forEach(time -> {
                Duration window = window(times, time);
                selected.stream()
                        .filter(vm -> Instant.parse(vm.getMetadata().getCreationTimestamp())
                                .isBefore(time))
                        .filter(vm -> time.plus(ScheduledBackups.delay(facts.schedule(), vm, window))
                                .isAfter(handledUntil))
                        .forEach(vm -> missed.add(vm.getMetadata().getName() + " (of " + time + ")"));
            });
        }
        handledUntil = last.minusNanos(1);
    }

    private List<Instant> earlier(CronTimes times, Instant last) {
        List<Instant> earlier = new ArrayList<>();
        Optional<Instant> time = times.until(last.minusSeconds(1));
        while (time.isPresent()
                && earlier.size() < MOST_MISSED_TIMES
                && time.get().isAfter(facts.created())
                && time.get().plus(MOST_DELAY).isAfter(handledUntil)) {
            earlier.add(time.get());
            time = times.until(time.get().minusSeconds(1));
        }
        return earlier;
    }

    private static Duration window(CronTimes times, Instant time) {
        return times.after(time)
                .map(next -> Duration.between(time, next).dividedBy(PARTS_OF_INTERVAL))
                .filter(part -> part.compareTo(MOST_DELAY) < 0)
                .orElse(MOST_DELAY);
    }

    private boolean isTooLate(Instant due) {
        return facts.now().isAfter(due.plus(facts.spec().deadline()));
    }
}
