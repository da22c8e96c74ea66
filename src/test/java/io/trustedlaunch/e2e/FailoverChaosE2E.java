package io.trustedlaunch.e2e;

import io.trustedlaunch.e2e.HostDeath.Cause;
import io.trustedlaunch.e2e.HostDeath.Other;
import io.trustedlaunch.failpoint.Failpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Deaths of hosts, with what else dies meanwhile; {@code bin/chaos --failover} gives the seeds, and {@link FailoverFaultsE2E}
 * runs a few fixed ones. {@link FailoverTrials} says what must hold.
 */
@Tag("campaign")
class FailoverChaosE2E {
    private static final long SEED = Long.getLong("chaos.seed", 1);
    private static final int SEEDS = Integer.getInteger("chaos.seeds", 5);
    private static final int MAX_OTHERS = 2;

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
        Map<String, HostDeath> deaths = new LinkedHashMap<>();
        LongStream.range(SEED, SEED + SEEDS).forEach(seed -> deaths.put("seed " + seed, death(seed)));
        FailoverTrials.runEach("deaths", deaths);
    }

    /** The schedule of a seed. */
    static HostDeath death(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Cause cause = Cause.values()[random.nextInt(Cause.values().length)];
        List<Other> others = new ArrayList<>();
        for (int i = random.nextInt(MAX_OTHERS + 1); i > 0 && cause.isTrue(); i--) {
            int other = random.nextInt(POINTS.size() + 1);
            others.add(other < POINTS.size() ? new Other.DiesAt(POINTS.get(other)) : new Other.FencerDies());
        }
        return new HostDeath(cause, others.stream().distinct().toList());
    }
}
