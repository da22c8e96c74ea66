package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Migrations of one guest, one after the other, each with faults. */
final class MigrationTrials {
    /** Seconds after which agents have given up on each other, but not libvirt or TCP. */
    static final int LONGER_THAN_AGENTS_WAIT = 25;

    /** Limits a run to the trials whose names match. */
    private static final Pattern ONLY = Pattern.compile(System.getProperty("faults.only", ""));

    private MigrationTrials() {}

    /**
     * {@link #runEach}, and asserts that the agents noticed a long cut by themselves: no guest paused until the cut was over.
     *
     * @param trials the faults of each migration, by the trial's name
     */
    static Map<String, FaultyMigration.Outcome> runEachWithoutLongPause(
            String name, Function<Stage, MigratingGuest> start, Map<String, List<Fault>> trials) {
        Map<String, FaultyMigration.Outcome> outcomes = runEach(name, start, trials);
        List<String> paused = new ArrayList<>();
        outcomes.forEach((trial, outcome) -> {
            if (pausedUntilTheEnd(trials.get(trial), outcome)) {
                paused.add(trial + ": " + outcome.longestPause());
            }
        });
        assertThat(paused).isEmpty();
        return outcomes;
    }

    /** Asserts that two guests never ran at once (I1), and that the VM recovered by itself after each migration. */
    static Map<String, FaultyMigration.Outcome> runEach(
            String name, Function<Stage, MigratingGuest> start, Map<String, List<Fault>> trials) {
        Map<String, FaultyMigration.Outcome> outcomes = new LinkedHashMap<>();
        try (Stage stage = Stage.open(name)) {
            MigratingGuest guest = start.apply(stage);
            try (GuestWatch watch = GuestWatch.of(stage.lab, guest.uid())) {
                trials.forEach((trial, faults) -> {
                    if (!ONLY.matcher(trial).find()) {
                        return;
                    }
                    System.out.println("FAULT " + trial + ": " + faults);
                    FaultyMigration.Outcome outcome = FaultyMigration.of(stage.lab, guest, watch, faults);
                    System.out.println("FAULT " + trial + ": " + outcome);
                    outcomes.put(trial, outcome);
                    assertThat(watch.twoAtOnce()).as(trial).isEmpty();
                    guest.assertConsistent();
                    if (faults.stream().anyMatch(Fault.LibvirtdDies.class::isInstance)) {
                        assertMigrates(stage, guest, watch, trial);
                    }
                });
            }
        }
        return outcomes;
    }

    /** A fault that ended must not keep guests on their hosts. */
    private static void assertMigrates(Stage stage, MigratingGuest guest, GuestWatch watch, String after) {
        FaultyMigration.Outcome outcome = FaultyMigration.of(stage.lab, guest, watch, List.of());
        assertThat(outcome.phase())
                .as("after " + after + ": " + outcome.message())
                .isEqualTo(Phase.Succeeded);
    }

    private static boolean pausedUntilTheEnd(List<Fault> faults, FaultyMigration.Outcome outcome) {
        int silence = faults.stream().mapToInt(Fault::silenceSeconds).max().orElse(0);
        return silence >= LONGER_THAN_AGENTS_WAIT && outcome.longestPause().compareTo(Duration.ofSeconds(silence)) >= 0;
    }
}
