package io.trustedlaunch.operator.backupschedule;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.operator.backup.VerificationRequest;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which backups are verified. All of a VM are in rounds, one by one, the newest first; what was read for one since the round began is
 * not read for another. The begin of a round is in its requests, so that it goes on after whatever broke it off. Pure.
 */
final class VerificationPlanner {
    private final ScheduleFacts facts;

    private VerificationPlanner(ScheduleFacts facts) {
        this.facts = facts;
    }

    /**
     * One that is to be verified.
     *
     * @param request value of the annotation
     */
    record Due(VMBackup backup, String request) {}

    /**
     * One of each VM at most, and no more than may be under way: those of the VMs first of which something was not read for the longest
     * time. So none is left out if there is more to read than time for it.
     */
    static List<Due> due(ScheduleFacts facts) {
        return facts.spec().verify() == null || facts.spec().suspend()
                ? List.of()
                : new VerificationPlanner(facts).due();
    }

    private List<Due> due() {
        List<VMBackup> covered = covered();
        long underWay = covered.stream()
                .filter(backup -> backup.pendingVerification().isPresent())
                .count();
        return covered.stream()
                .collect(Collectors.groupingBy(backup -> backup.getStatus().vmUID()))
                .values()
                .stream()
                .sorted(Comparator.comparing(this::allReadSince)
                        .thenComparing(ofVm -> ofVm.getFirst().getMetadata().getName()))
                .flatMap(ofVm -> due(ofVm).stream())
                .limit(Math.max(0, facts.spec().parallel() - underWay))
                .toList();
    }

    /** Its own ones, and those of the same VMs that no schedule has made, or would verify. */
    private List<VMBackup> covered() {
        Set<String> vms = facts.backups().stream()
                .flatMap(backup -> backup.status().stream())
                .map(status -> status.vmUID())
                .collect(Collectors.toSet());
        return facts.location().stream()
                .flatMap(location -> CompletedBackups.in(location, facts.all(), facts.now()))
                .filter(backup -> vms.contains(backup.getStatus().vmUID()))
                .filter(backup -> backup.schedule()
                        .filter(name ->
                                !name.equals(facts.schedule().getMetadata().getName()))
                        .isEmpty())
                .filter(backup -> !backup.removalRequested() && !backup.isMarkedForDeletion())
                .filter(backup -> !CompletedBackups.isOfFuture(backup, facts.now()))
                .toList();
    }

    private Optional<Due> due(List<VMBackup> ofVm) {
        if (ofVm.stream().anyMatch(backup -> backup.pendingVerification().isPresent())) {
            return Optional.empty();
        }
        List<VMBackup> whole = whole(ofVm).toList();
        Optional<Instant> round =
                ofVm.stream().flatMap(backup -> round(backup).stream()).max(Comparator.naturalOrder());
        Optional<Due> left = round.flatMap(begin -> whole.stream()
                .filter(backup -> backup.begun().isBefore(begin) && !isReadIn(begin, backup))
                .findFirst()
                .map(backup -> new Due(backup, VerificationRequest.interval(begin, facts.now()))));
        return left.or(() -> whole.stream()
                .findFirst()
                .filter(newest -> isNextDue(ofVm, whole))
                .map(newest -> new Due(newest, VerificationRequest.interval(begin(), facts.now()))));
    }

    /** A verification that repeats that one is damaged would cast doubt on all others anew. */
    private static Stream<VMBackup> whole(List<VMBackup> ofVm) {
        return ofVm.stream().filter(backup -> !CompletedBackups.recorded(backup).damaged());
    }

    private Instant allReadSince(List<VMBackup> ofVm) {
        return whole(ofVm).map(this::readSince).min(Comparator.naturalOrder()).orElse(Instant.MAX);
    }

    private Instant readSince(VMBackup backup) {
        return lastRead(backup).orElseGet(backup::begun);
    }

    /** Of a round: the API server, which dates its runs, may be as much behind. */
    private Instant begin() {
        return facts.now().minus(RecordedTime.TOLERANCE);
    }

    private boolean isNextDue(List<VMBackup> ofVm, List<VMBackup> whole) {
        Instant since = facts.now().minus(facts.spec().verify().interval());
        return ofVm.stream().noneMatch(backup -> lastRead(backup).isPresent())
                || whole.stream().anyMatch(backup -> !readSince(backup).isAfter(since));
    }

    private boolean isReadIn(Instant round, VMBackup backup) {
        return round(backup).filter(begin -> !begin.isBefore(round)).isPresent()
                || lastRead(backup).filter(read -> !read.isBefore(round)).isPresent();
    }

    private Optional<Instant> lastRead(VMBackup backup) {
        return CompletedBackups.lastRead(backup).filter(facts::believes);
    }

    /** The begin of the last round in which it was verified. */
    private Optional<Instant> round(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().verification())
                .map(Verification::request)
                .flatMap(VerificationRequest::since)
                .filter(facts::believes);
    }
}
