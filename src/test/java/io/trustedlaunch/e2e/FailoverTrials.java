package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.e2e.HostDeath.Cause;
import io.trustedlaunch.e2e.HostDeath.Other;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.GuestWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deaths of the host under one guest, one after the other; its other host takes it over each time, and the dead one comes back.
 * Two guests never run at once (I1), the TPM is always the same, and a counter in it never goes back behind what was sealed
 * (I2).
 */
final class FailoverTrials implements AutoCloseable {
    private static final String GUEST = "payroll";
    private static final String OPERATOR = "operator-1";
    private static final int COLD_STARTS = 10;

    /** The user of the lab's kubeconfig. */
    private static final String PERSON = "lab-admin";

    private final Stage stage;
    private final ManagementControllers controllers;
    private final CountingTpm counting;
    private final GuestWatch watch;
    private final String uid;

    /** From when the VM may start elsewhere until it runs there, where nothing else dies. */
    private final List<Duration> elsewhere = new ArrayList<>();

    private FailoverTrials(String name) {
        stage = Stage.open(name);
        controllers = ManagementControllers.withFencer(stage);
        stage.commands("init", "nv-count");
        stage.create(stage.vm(GUEST).userData("init").shortGracePeriod());
        uid = stage.awaitRunning(GUEST).identity();
        counting = new CountingTpm(stage, uid);
        watch = GuestWatch.of(stage.lab, uid);
    }

    /** @param trials by their names */
    static void runEach(String name, Map<String, HostDeath> trials) {
        try (FailoverTrials all = new FailoverTrials(name)) {
            trials.forEach((trial, death) -> {
                System.out.println("DEATH " + trial + ": " + death);
                System.out.println("DEATH " + trial + ": " + all.run(trial, death));
            });
            all.compareWithColdStarts();
        }
    }

    private String run(String trial, HostDeath death) {
        // Agents prove again that they share the folder after one of their hosts was away.
        stage.awaitReason(GUEST, ConditionType.FailoverReady, Reason.FailoverReady);
        TrustedLaunchVM before = stage.awaitRunning(GUEST);
        int sealed = counting.awaitSealed();
        int boots = counting.bootCount();
        String outcome = death.cause().isTrue()
                ? isFenced(before, death) + ", " + counting.awaitBoot(boots + 1, sealed) + " counts of the TPM lost"
                : isContradicted(before);
        TrustedLaunchVM after = stage.awaitRunning(GUEST);
        assertThat(counting.bootCount()).as(trial).isEqualTo(death.cause().isTrue() ? boots + 1 : boots);
        assertThat(watch.twoAtOnce()).as(trial).isEmpty();
        assertThat(after.getStatus().vTPM())
                .as(trial)
                .isEqualTo(before.getStatus().vTPM());
        return outcome;
    }

    private String isFenced(TrustedLaunchVM before, HostDeath death) {
        String dead = before.getStatus().nodeName();
        String living = stage.lab.otherHost(dead);
        List<Failpoint> armed = death.meanwhile().stream()
                .filter(Other.DiesAt.class::isInstance)
                .map(other -> ((Other.DiesAt) other).point())
                .toList();
        armed.forEach(point -> stage.lab.arm(component(point, living), point));
        controllers.fenceAutomatically(dead);
        long start = System.nanoTime();
        begin(death.cause(), dead);
        if (death.meanwhile().stream().anyMatch(Other.FencerDies.class::isInstance)) {
            awaitFence(dead, Phase.Fencing, Phase.Proved);
            stage.lab.run("fencer", "kill").orFail();
        }
        awaitFence(dead, Phase.Proved);
        if (before.getStatus().failover() != null) {
            // A guest whose nodes die one after the other waits for a person.
            stage.awaitReason(GUEST, ConditionType.Ready, Reason.FailoverRepeated);
            restart();
        }
        long mayStart = System.nanoTime();
        await("the VM to be given to " + living)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.get(GUEST).getStatus().nodeName(), living::equals);
        stage.awaitRunning(GUEST);
        Duration took = since(start);
        if (death.meanwhile().isEmpty()) {
            elsewhere.add(since(mayStart));
        }
        comeBack(dead);
        long notReached = armed.stream()
                .filter(point -> stage.lab.isArmed(component(point, living), point))
                .peek(point -> stage.lab.disarm(component(point, living), point))
                .count();
        return "runs on " + living + " after " + took.toSeconds() + " s, " + notReached + " failpoints not reached";
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private void compareWithColdStarts() {
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
            cold.add(since(start));
        }
        System.out.printf(
                "DEATH start elsewhere: %d ms, cold start: %d ms (medians of %d and %d), %.2f times%n",
                median(elsewhere).toMillis(),
                median(cold).toMillis(),
                elsewhere.size(),
                cold.size(),
                (double) median(elsewhere).toMillis() / median(cold).toMillis());
    }

    private static Duration median(List<Duration> durations) {
        return durations.stream().sorted().toList().get(durations.size() / 2);
    }

    private void restart() {
        stage.client
                .resources(TrustedLaunchVM.class)
                .inNamespace(stage.namespace)
                .withName(GUEST)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"" + Api.RESTARTED_AT + "\": \"" + Instant.now() + "\"}}}");
    }

    private static String component(Failpoint point, String living) {
        return point.id().startsWith("operator.") ? OPERATOR : "agent-" + living;
    }

    private void begin(Cause cause, String host) {
        switch (cause) {
            case LOSES_POWER -> stage.lab.run("host", host, "crash").orFail();
            case HANGS -> stage.lab.run("host", host, "freeze").orFail();
            case IS_CUT_OFF -> stage.lab.run("link", host, "down").orFail();
            case IS_SAID_TO_BE_DEAD -> throw new IllegalArgumentException("it does not die");
        }
    }

    /** Its power was cut, whatever it died of, so it starts with new links. */
    private void comeBack(String host) {
        controllers.switchOn(host);
        awaitFence(host, Phase.Released);
        await("one incarnation of the VM")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.incarnations(uid).size() == 1);
        await("one domain of the VM")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.lab
                        .hostsWithDomain(uid)
                        .equals(List.of(stage.get(GUEST).getStatus().nodeName())));
    }

    /** Nothing is started elsewhere, and the guest goes on. */
    private String isContradicted(TrustedLaunchVM before) {
        String node = before.getStatus().nodeName();
        ClusterNode resource =
                stage.client.resources(ClusterNode.class).withName(node).get();
        state(
                node,
                "{\"bootID\": \"" + resource.getStatus().answer().bootID() + "\", \"confirmedBy\": \"" + PERSON
                        + "\"}");
        awaitFence(node, Phase.Contradicted);
        state(node, "null");
        await("the word to be forgotten")
                .atMost(Stage.TIMEOUT)
                .until(() ->
                        phase(node).filter(phase -> phase != Phase.Released).isEmpty());
        assertThat(stage.get(GUEST).getStatus().epoch())
                .isEqualTo(before.getStatus().epoch());
        return "runs on there";
    }

    private void state(String node, String statement) {
        stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"fencing\": {\"statement\": " + statement + "}}}");
    }

    private void awaitFence(String node, Phase... phases) {
        await("the fence of " + node + " to be " + List.of(phases))
                .atMost(Stage.TIMEOUT)
                .until(
                        () -> phase(node),
                        found -> found.filter(List.of(phases)::contains).isPresent());
    }

    /** Of the node's newest fence. */
    private Optional<Phase> phase(String node) {
        return stage.client.resources(NodeFence.class).list().getItems().stream()
                .filter(fence -> fence.getSpec().nodeName().equals(node))
                .max((one, other) -> one.getMetadata()
                        .getCreationTimestamp()
                        .compareTo(other.getMetadata().getCreationTimestamp()))
                .map(NodeFence::getStatus)
                .map(NodeFenceStatus::phase);
    }

    @Override
    public void close() {
        watch.close();
        controllers.close();
        stage.close();
    }
}
