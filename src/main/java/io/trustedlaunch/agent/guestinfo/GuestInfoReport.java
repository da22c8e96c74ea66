package io.trustedlaunch.agent.guestinfo;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which changes of what a guest says are reported: a guest can say something else each time, and each report is a write to the API
 * server, twice. Pure.
 */
public final class GuestInfoReport {
    /** Between two reports. */
    static final Duration PAUSE = Duration.ofMinutes(10);

    /** Between two reports that differ in file systems alone, once there are any. */
    static final Duration PAUSE_OF_FILE_SYSTEMS = Duration.ofHours(1);

    private static final int STEP = 5;
    private static final int WHOLE = 100;

    private GuestInfoReport() {}

    /**
     * What the status says from now on.
     *
     * @param reported what it says, of the same incarnation
     * @param said by the guest; empty: nothing is known now
     */
    public static Optional<GuestInfo> next(Optional<GuestInfo> reported, Optional<GuestInfo> said, Instant now) {
        if (reported.isEmpty()) {
            return said.filter(GuestInfo::agentAnswers)
                    .map(first -> inSteps(first, List.of()).reportedAt(now.toString()));
        }
        GuestInfo before = reported.get();
        return said.map(answer -> inSteps(answer.completedBy(before), before.fileSystems())
                        .reportedAt(before.reportTime()))
                .filter(after -> !after.equals(before))
                .filter(after -> isOver(pause(before, after), before.reportTime(), now))
                .map(after -> after.reportedAt(now.toString()))
                .or(() -> reported);
    }

    private static Duration pause(GuestInfo before, GuestInfo after) {
        boolean differInFileSystemsAlone = withoutFileSystems(before).equals(withoutFileSystems(after));
        return differInFileSystemsAlone && !before.fileSystems().isEmpty() ? PAUSE_OF_FILE_SYSTEMS : PAUSE;
    }

    private static boolean isOver(Duration pause, String since, Instant now) {
        try {
            return since == null || RecordedTime.isOver(pause, Instant.parse(since), now);
        } catch (DateTimeParseException e) {
            return true;
        }
    }

    private static GuestInfo withoutFileSystems(GuestInfo info) {
        return GuestInfoBuilder.builder(info).fileSystems(List.of()).build();
    }

    private static GuestInfo inSteps(GuestInfo info, List<FileSystem> before) {
        Map<String, FileSystem> byPlace = before.stream()
                .filter(each -> each.mountPoint() != null)
                .collect(Collectors.toMap(FileSystem::mountPoint, each -> each, (one, other) -> one));
        return GuestInfoBuilder.builder(info)
                .fileSystems(info.fileSystems().stream()
                        .map(each -> inSteps(
                                each, Optional.ofNullable(each.mountPoint()).map(byPlace::get)))
                        .toList())
                .build();
    }

    /**
     * What was reported stays until it is a whole step away: a use between two steps would change it again and again, and the size of
     * some file systems is an estimate.
     */
    private static FileSystem inSteps(FileSystem now, Optional<FileSystem> before) {
        return new FileSystem(
                now.mountPoint(),
                now.type(),
                before.map(FileSystem::totalBytes)
                        .filter(total ->
                                now.totalBytes() != null && Math.abs(now.totalBytes() - total) < total / (WHOLE / STEP))
                        .orElse(now.totalBytes()),
                before.map(FileSystem::usedPercent)
                        .filter(step -> now.usedPercent() != null && Math.abs(now.usedPercent() - step) < STEP)
                        .orElseGet(() -> step(now.usedPercent())));
    }

    private static Integer step(Integer percent) {
        return percent == null ? null : percent / STEP * STEP;
    }
}
