package io.trustedlaunch.backup;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The backups on record of one VM in one location, by their parents. */
final class RecordedChains {
    private static final Comparator<CompletedBackup> NEWEST_FIRST = Comparator.comparing(CompletedBackup::time)
            .thenComparing(CompletedBackup::backup)
            .reversed();

    private final Map<UUID, CompletedBackup> byUid;

    RecordedChains(List<CompletedBackup> backups) {
        byUid = backups.stream()
                .collect(Collectors.toMap(CompletedBackup::backup, Function.identity(), (one, same) -> one));
    }

    List<CompletedBackup> newestFirst() {
        return byUid.values().stream().sorted(NEWEST_FIRST).toList();
    }

    /** A backup and all that it follows from, the oldest last, as far as it is on record. */
    List<CompletedBackup> ancestry(CompletedBackup backup) {
        List<CompletedBackup> ancestry = new ArrayList<>();
        Optional<CompletedBackup> next = Optional.of(backup);
        // A record that follows from itself ends where it began.
        while (next.isPresent() && !ancestry.contains(next.get())) {
            ancestry.add(next.get());
            next = next.get().parent().map(byUid::get);
        }
        return ancestry;
    }

    /** Whether it can be restored, by what is on record: back to a full one, nothing damaged. */
    boolean isUsable(CompletedBackup backup) {
        List<CompletedBackup> ancestry = ancestry(backup);
        return ancestry.size() <= BackupChain.MAX_BACKUPS
                && ancestry.getLast().parent().isEmpty()
                && ancestry.stream().noneMatch(CompletedBackup::damaged);
    }
}
