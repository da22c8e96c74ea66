package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Fates of the host under one guest, one after the other; its other host takes it over when it may, and the first comes back.
 * Two guests never run at once (I1), the TPM is always the same, and a counter in it never goes back behind what was sealed
 * (I2).
 */
final class FailoverTrials implements AutoCloseable {
    private static final String GUEST = "payroll";
    private static final int COLD_STARTS = 10;

    private final Stage stage;
    private final ManagementControllers controllers;
    private final CountingTpm counting;
    private final GuestWatch watch;
    private final DeathPlayer deaths;
    private final LiePlayer lies;

    private FailoverTrials(String name) {
        stage = Stage.open(name);
        controllers = ManagementControllers.withFencer(stage);
        stage.commands("init", "nv-count");
        stage.create(stage.vm(GUEST).userData("init").shortGracePeriod());
        String uid = stage.awaitRunning(GUEST).identity();
        counting = new CountingTpm(stage, uid);
        watch = GuestWatch.of(stage.lab, uid);
        FailoverActs acts = new FailoverActs(stage, new NodeStatements(stage), controllers, GUEST, uid);
        deaths = new DeathPlayer(acts);
        lies = new LiePlayer(acts, counting);
    }

    /** @param trials by their names */
    static void runEach(String name, Map<String, HostFate> trials) {
        try (FailoverTrials all = new FailoverTrials(name)) {
            trials.forEach((trial, fate) -> {
                System.out.println("FATE " + trial + ": " + fate);
                long start = System.nanoTime();
                String outcome = all.run(trial, fate);
                System.out.println("FATE " + trial + ": " + outcome + ", "
                        + Duration.ofNanos(System.nanoTime() - start).toSeconds() + " s in all");
            });
            all.compareWithColdStarts();
        }
    }

    private String run(String trial, HostFate fate) {
        // Agents prove again that they share the folder after one of their hosts was away.
        stage.awaitReason(GUEST, ConditionType.FailoverReady, Reason.FailoverReady);
        TrustedLaunchVM before = stage.awaitRunning(GUEST);
        String node = before.getStatus().nodeName();
        int sealed = counting.awaitSealed();
        int boots = counting.bootCount();
        int bootsMore = fate instanceof FalseStatement.OfHeardHost ? 0 : 1;
        String outcome = switch (fate) {
            case HostDeath death -> deaths.play(node, death) + lost(boots + 1, sealed);
            case FalseStatement.OfCutOffHost word -> "healed" + lost(boots + 1, lies.play(node, word));
            case FalseStatement.OfHeardHost word -> lies.play(node);
        };
        TrustedLaunchVM after = stage.awaitRunning(GUEST);
        assertThat(counting.bootCount()).as(trial).isEqualTo(boots + bootsMore);
        assertThat(watch.twoAtOnce()).as(trial).isEmpty();
        assertThat(after.getStatus().vTPM())
                .as(trial)
                .isEqualTo(before.getStatus().vTPM());
        return outcome;
    }

    private String lost(int boot, int sealed) {
        return ", " + counting.awaitBoot(boot, sealed) + " counts of the TPM lost";
    }

    private void compareWithColdStarts() {
        List<Duration> elsewhere = deaths.elsewhere();
        if (elsewhere.isEmpty()) {
            return;
        }
        List<Duration> cold = new ArrayList<>();
        for (int i = 0; i < Math.min(elsewhere.size(), COLD_STARTS); i++) {
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            long start = System.nanoTime();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitRunning(GUEST);
            cold.add(Duration.ofNanos(System.nanoTime() - start));
        }
        System.out.printf(
                "FATE start elsewhere: %d ms, cold start: %d ms (medians of %d and %d), %.2f times%n",
                median(elsewhere).toMillis(),
                median(cold).toMillis(),
                elsewhere.size(),
                cold.size(),
                (double) median(elsewhere).toMillis() / median(cold).toMillis());
    }

    private static Duration median(List<Duration> durations) {
        return durations.stream().sorted().toList().get(durations.size() / 2);
    }

    @Override
    public void close() {
        watch.close();
        controllers.close();
        stage.close();
    }
}
