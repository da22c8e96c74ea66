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
 * Moves with whatever may go wrong, as a seed has it: {@code bin/chaos} gives the seeds, and {@link MoveFaultsE2E} has a
 * few fixed ones. Never do two guests run, never does none for longer than the recovery takes, and the counter in the TPM
 * never goes back.
 */
@Tag("campaign")
class ChaosE2E {
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final int SEEDS = Integer.getInteger("chaos.seeds", 5);
    private static final int MOST_HARMS = 3;
    private static final int LONGEST_CUT = 60;

    /** To find out, for a harm that follows another, and for a host that was cut off with the guest's word. */
    static final Duration RECOVERY = Duration.ofSeconds(30 + LONGEST_CUT);

    private static final List<Failpoint> POINTS = Arrays.stream(Failpoint.values())
            .filter(point -> !point.id().startsWith("agent."))
            .filter(point -> !point.id().startsWith("importer.") && !point.id().startsWith("copies."))
            .filter(point -> !point.id().startsWith("operator.")
                    || point == Failpoint.OPERATOR_MOVE_RESERVED
                    || point == Failpoint.OPERATOR_DEPARTURE_HANDED
                    || point == Failpoint.OPERATOR_MOVE_ENDED
                    || point == Failpoint.OPERATOR_LEFT_TOLD)
            .toList();

    @Test
    void theSchedulesThatAreAskedFor() {
        Map<String, List<Harm>> schedules = new LinkedHashMap<>();
        LongStream.range(SEED, SEED + SEEDS).forEach(seed -> schedules.put("seed " + seed, harms(seed)));
        MoveTrials.oneGuestGoesOn("chaos", stage -> MovingGuest.start(stage, "guest"), schedules)
                .forEach((seed, outcome) ->
                        assertThat(outcome.stoodStill()).as(seed).isLessThan(RECOVERY));
    }

    /** The schedule of a seed. */
    static List<Harm> harms(long seed) {
        return harms(new Random(seed));
    }

    private static List<Harm> harms(Random random) {
        List<Harm> harms = new ArrayList<>();
        for (int i = 1 + random.nextInt(MOST_HARMS); i > 0; i--) {
            harms.add(harm(random));
        }
        return harms.stream().distinct().toList();
    }

    private static Harm harm(Random random) {
        MovePhase phase = MovePhase.OF_EVERY_MOVE.get(random.nextInt(MovePhase.OF_EVERY_MOVE.size()));
        Harm.Side side = Harm.Side.values()[random.nextInt(2)];
        int seconds = 1 + random.nextInt(LONGEST_CUT);
        return switch (random.nextInt(8)) {
            case 0, 1 -> new Harm.DiesAt(POINTS.get(random.nextInt(POINTS.size())));
            case 2 -> new Harm.AgentDies(side, phase);
            case 3 -> new Harm.OperatorDies(phase);
            case 4 -> new Harm.LibvirtdDies(side, phase);
            case 5 -> new Harm.LinkIsCut(phase, seconds);
            case 6 -> new Harm.HostIsDeaf(side, phase, seconds);
            default -> new Harm.HostIsCutOff(side, phase, seconds);
        };
    }
}
