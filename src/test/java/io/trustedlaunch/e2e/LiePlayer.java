package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.e2e.FalseStatement.Ending;
import io.trustedlaunch.e2e.FalseStatement.Step;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Plays a false word about a host: nothing runs elsewhere while its guest runs, and in the end all heals. */
final class LiePlayer {
    /** Longer than a beacon has to stand still before a word is believed. */
    private static final Duration WATCHED = Duration.ofSeconds(150);

    private static final Duration POLL = Duration.ofSeconds(5);

    private final Stage stage;
    private final FailoverActs acts;
    private final CountingTpm counting;

    LiePlayer(FailoverActs acts, CountingTpm counting) {
        this.acts = acts;
        this.stage = acts.stage();
        this.counting = counting;
    }

    /** Of a host that is heard. */
    String play(String node) {
        long epoch = stage.get(acts.guest()).getStatus().epoch();
        acts.words().state(node);
        acts.words().awaitFence(node, Phase.Contradicted);
        acts.words().withdraw(node);
        acts.words().awaitForgotten(node);
        assertThat(stage.get(acts.guest()).getStatus().epoch()).isEqualTo(epoch);
        return "runs on there";
    }

    /** Of a host that is cut off; returns a count of the guest's TPM that was at home when it ended there. */
    int play(String node, FalseStatement.OfCutOffHost word) {
        String waiting = stage.lab.otherHost(node);
        acts.controllers().mayBeOff(node);
        stage.lab.run("link", node, "down").orFail();
        try {
            acts.words().state(node);
            acts.words().awaitFence(node, Phase.Proved);
            acts.awaitGivenTo(waiting);
            awaitFence();
            word.meanwhile().forEach(step -> act(step, node, waiting));
            watch(node);
            stage.setMaintenance(waiting, Maintenance.None);
            // Not a lock on the disks: the beacon.
            awaitFence();
            int sealed = counting.awaitSealed();
            end(word.ending(), node);
            return sealed;
        } finally {
            // Fails if the host has no link any more, since it has lost its power.
            stage.lab.run("link", node, "up");
            stage.setMaintenance(waiting, Maintenance.None);
        }
    }

    /** A person asks for a restart if another host of the VM was dead within the hour. */
    private void awaitFence() {
        stage.awaitVm(
                acts.guest(),
                "waiting for the fence, or for a person",
                vm -> isReady(vm, Reason.AwaitingFence) || isReady(vm, Reason.FailoverRepeated));
        if (isReady(stage.get(acts.guest()), Reason.FailoverRepeated)) {
            acts.restart();
        }
        stage.awaitReason(acts.guest(), ConditionType.Ready, Reason.AwaitingFence);
    }

    private static boolean isReady(TrustedLaunchVM vm, Reason reason) {
        return Stage.condition(vm, ConditionType.Ready)
                .map(Condition::getReason)
                .equals(Optional.of(reason.name()));
    }

    /** The guest runs there, and there alone. */
    private void watch(String node) {
        await("the guest to run on " + node + " alone for " + WATCHED.toSeconds() + " s")
                .during(WATCHED)
                .atMost(WATCHED.plus(Stage.TIMEOUT))
                .pollInterval(POLL)
                .failFast("the guest does not run on " + node + " alone", () -> !runsOnlyOn(node))
                .until(() -> true);
    }

    private boolean runsOnlyOn(String node) {
        return stage.lab.hostsRunning(acts.uid()).equals(List.of(node));
    }

    private void act(Step step, String node, String waiting) {
        System.out.println("FATE " + step);
        switch (step) {
            case EDIT_SPEC -> stage.patchSpec(acts.guest(), "{\"memory\": \"" + otherMemory() + "\"}");
            case RESTART -> acts.restart();
            case HALT_AND_START -> {
                stage.setRunStrategy(acts.guest(), RunStrategy.Halted);
                stage.awaitHalted(acts.guest());
                stage.setRunStrategy(acts.guest(), RunStrategy.Always);
            }
            case CORDON -> stage.setMaintenance(waiting, Maintenance.Cordon);
            case WITHDRAW_AND_STATE -> {
                acts.words().withdraw(node);
                acts.words().state(node);
            }
            case OPERATOR_DIES -> stage.lab.run("operator", "kill").orFail();
            case AGENT_DIES -> stage.lab.run("agent", waiting, "kill").orFail();
        }
    }

    private String otherMemory() {
        return stage.get(acts.guest()).getSpec().memory().toString().equals("512Mi") ? "576Mi" : "512Mi";
    }

    private void end(Ending ending, String node) {
        switch (ending) {
            case LINK_RETURNS -> {
                stage.lab.run("link", node, "up").orFail();
                acts.words().awaitFence(node, Phase.Contradicted);
                acts.words().withdraw(node);
            }
            case WITHDRAWN_BEFORE_LINK_RETURNS -> {
                acts.words().withdraw(node);
                stage.lab.run("link", node, "up").orFail();
            }
            case LOSES_POWER -> {
                stage.lab.run("host", node, "crash").orFail();
                stage.awaitRunning(acts.guest());
                acts.comeBack(node);
                return;
            }
        }
        acts.words().awaitForgotten(node);
        acts.controllers().isOn();
        stage.awaitRunning(acts.guest());
        acts.awaitHealed();
    }
}
