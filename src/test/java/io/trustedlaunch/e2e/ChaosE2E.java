package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.failpoint.Failpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Migrations with random faults; {@code bin/chaos} gives the seeds, and {@link MigrationFaultsE2E} runs a few fixed ones. Two
 * guests never run at once (I1), a pause is never longer than a recovery takes, and the counter in the TPM never goes back.
 */
@Tag("campaign")
class ChaosE2E {
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final int SEEDS = Integer.getInteger("chaos.seeds", 5);
    private static final int MAX_FAULTS = 3;
    private static final int LONGEST_CUT_SECONDS = 60;

    /**
     * Time to notice, for consecutive faults, and for a source that was cut off before it could report the guest's departure.
     */
    static final Duration RECOVERY = Duration.ofSeconds(30 + LONGEST_CUT_SECONDS);

    private static final List<Failpoint> POINTS = Arrays.stream(Failpoint.values())
            .filter(point -> !point.id().startsWith("agent."))
            .filter(point -> !point.id().startsWith("importer.") && !point.id().startsWith("copies."))
            .filter(point -> !point.id().startsWith("backup.") && !point.id().startsWith("restore."))
            .filter(point -> !point.id().startsWith("operator.")
                    || point == Failpoint.OPERATOR_MIGRATION_RESERVED
                    || point == Failpoint.OPERATOR_DEPARTURE_HANDED
                    || point == Failpoint.OPERATOR_MIGRATION_ENDED
                    || point == Failpoint.OPERATOR_HANDOFF_CONFIRMED)
            .toList();

    @Test
    void theSchedulesOfTheGivenSeeds() {
        Map<String, List<Fault>> schedules = new LinkedHashMap<>();
        LongStream.range(SEED, SEED + SEEDS).forEach(seed -> schedules.put("seed " + seed, faults(seed)));
        MigrationTrials.runEach("chaos", stage -> MigratingGuest.start(stage, "guest"), schedules)
                .forEach((seed, outcome) ->
                        assertThat(outcome.longestPause()).as(seed).isLessThan(RECOVERY));
    }

    /** The schedule of a seed. */
    static List<Fault> faults(long seed) {
        return faults(new Random(seed));
    }

    private static List<Fault> faults(Random random) {
        List<Fault> faults = new ArrayList<>();
        for (int i = 1 + random.nextInt(MAX_FAULTS); i > 0; i--) {
            faults.add(fault(random));
        }
        return faults.stream().distinct().toList();
    }

    private static Fault fault(Random random) {
        MigrationPhase phase = MigrationPhase.OF_EVERY_MOVE.get(random.nextInt(MigrationPhase.OF_EVERY_MOVE.size()));
        Fault.Side side = Fault.Side.values()[random.nextInt(2)];
        int seconds = 1 + random.nextInt(LONGEST_CUT_SECONDS);
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Fault.DiesAt(POINTS.get(random.nextInt(POINTS.size())));
            case 2 -> new Fault.AgentDies(side, phase);
            case 3 -> new Fault.OperatorDies(phase);
            case 4 -> new Fault.LibvirtdDies(side, phase);
            case 5 -> new Fault.LinkIsCut(phase, seconds);
            case 6 -> new Fault.HostIsDeaf(side, phase, seconds);
            default -> new Fault.HostIsCutOff(side, phase, seconds);
        };
    }
}
