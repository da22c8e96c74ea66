package io.trustedlaunch.e2e;

import io.trustedlaunch.e2e.FalseStatement.Ending;
import io.trustedlaunch.e2e.FalseStatement.Step;
import io.trustedlaunch.e2e.HostDeath.Cause;
import io.trustedlaunch.e2e.HostDeath.ControllerFault;
import io.trustedlaunch.e2e.HostDeath.Other;
import io.trustedlaunch.e2e.HostDeath.Proof;
import io.trustedlaunch.failpoint.Failpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Deaths of hosts, with what else dies meanwhile, and false words about hosts that run; {@code bin/chaos --failover} gives the
 * seeds, and {@link FailoverFaultsE2E} runs a few fixed ones. {@link FailoverTrials} says what must hold.
 */
@Tag("campaign")
class FailoverChaosE2E {
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final int SEEDS = Integer.getInteger("chaos.seeds", 5);
    private static final int MAX_OTHERS = 2;
    private static final int MAX_CONTROLLER_FAULTS = 2;
    private static final int MAX_STEPS = 2;

    /** One in so many false words is about a host that is heard. */
    private static final int FALSE_WORDS = 5;

    /** Of the operator while it fences and gives the VM away, and of the agent while the guest starts from its home. */
    private static final List<Failpoint> POINTS = List.of(
            Failpoint.OPERATOR_FENCE_REQUESTED,
            Failpoint.OPERATOR_FENCE_FENCING,
            Failpoint.OPERATOR_FENCE_PROVED,
            Failpoint.OPERATOR_FENCE_RELEASED,
            Failpoint.OPERATOR_EPOCH_RESERVED,
            Failpoint.OPERATOR_INCARNATION_CREATED,
            Failpoint.OPERATOR_OLD_INCARNATION_REMOVED,
            Failpoint.AGENT_EPOCH_RECORDED,
            Failpoint.AGENT_COPY_WRITTEN,
            Failpoint.AGENT_DOMAIN_CREATED,
            Failpoint.AGENT_HOME_CLAIMED,
            Failpoint.AGENT_OWNERSHIP_READ,
            Failpoint.AGENT_RESUME_RECORDED,
            Failpoint.AGENT_RESUMED,
            Failpoint.AGENT_RUNNING_REPORTED);

    @Test
    void theSchedulesOfTheGivenSeeds() {
        runEach(LongStream.range(SEED, SEED + SEEDS));
    }

    static void runEach(LongStream seeds) {
        Map<String, HostFate> fates = new LinkedHashMap<>();
        seeds.forEach(seed -> fates.put("seed " + seed, fate(seed)));
        FailoverTrials.runEach("fates", fates);
    }

    /** The schedule of a seed: every other one is a death. */
    static HostFate fate(long seed) {
        // Of neighbouring seeds, the first numbers resemble each other.
        SplittableRandom random = new SplittableRandom(seed).split();
        if (random.nextBoolean()) {
            return death(random);
        }
        return random.nextInt(FALSE_WORDS) == 0
                ? new FalseStatement.OfHeardHost()
                : new FalseStatement.OfCutOffHost(
                        several(random, 1, MAX_STEPS, () -> any(random, Step.values())), any(random, Ending.values()));
    }

    private static HostDeath death(SplittableRandom random) {
        Cause cause = any(random, Cause.values());
        Proof proof = any(random, proofs(cause));
        List<ControllerFault> faults = several(
                random,
                0,
                MAX_CONTROLLER_FAULTS,
                () -> any(random, ControllerFault.HONEST.toArray(ControllerFault[]::new)));
        List<Other> others = several(random, 0, MAX_OTHERS, () -> other(random));
        return proof.isPower()
                ? new HostDeath(cause, proof, faults, others)
                : new HostDeath(cause, proof, List.of(), withoutFencer(others));
    }

    /** A word about a host that is cut off is false, and one that hangs holds the locks on its guest's disks. */
    private static Proof[] proofs(Cause cause) {
        return switch (cause) {
            case LOSES_POWER -> Proof.values();
            case HANGS, IS_CUT_OFF -> new Proof[] {Proof.SILENCE_AND_POWER, Proof.POWER};
            case IS_WELL -> new Proof[] {Proof.POWER};
        };
    }

    private static Other other(SplittableRandom random) {
        int other = random.nextInt(POINTS.size() + 1);
        return other < POINTS.size() ? new Other.DiesAt(POINTS.get(other)) : new Other.FencerDies();
    }

    private static List<Other> withoutFencer(List<Other> others) {
        return others.stream().filter(Other.DiesAt.class::isInstance).toList();
    }

    private static <T> List<T> several(SplittableRandom random, int least, int most, Supplier<T> one) {
        return Stream.generate(one)
                .limit(random.nextInt(least, most + 1))
                .distinct()
                .toList();
    }

    private static <T> T any(SplittableRandom random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
