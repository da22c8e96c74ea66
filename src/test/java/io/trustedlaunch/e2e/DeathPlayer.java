package io.trustedlaunch.e2e;

import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.e2e.HostDeath.Cause;
import io.trustedlaunch.e2e.HostDeath.Other;
import io.trustedlaunch.failpoint.Failpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Plays the death of a host: its guest runs elsewhere, and the host comes back without it. */
final class DeathPlayer {
    private final Stage stage;
    private final FailoverActs acts;

    /** From when the VM may start elsewhere until it runs there, where nothing else dies. */
    private final List<Duration> elsewhere = new ArrayList<>();

    DeathPlayer(FailoverActs acts) {
        this.acts = acts;
        this.stage = acts.stage();
    }

    List<Duration> elsewhere() {
        return elsewhere;
    }

    String play(String dead, HostDeath death) {
        String living = stage.lab.otherHost(dead);
        List<Failpoint> armed = death.meanwhile().stream()
                .filter(Other.DiesAt.class::isInstance)
                .map(other -> ((Other.DiesAt) other).point())
                .toList();
        armed.forEach(point -> stage.lab.arm(component(point, living), point));
        long start = System.nanoTime();
        long mayStart = prove(dead, death);
        acts.awaitGivenTo(living);
        stage.awaitRunning(acts.guest());
        Duration took = since(start);
        // A word starts nothing before minutes of silence.
        if (death.meanwhile().isEmpty() && death.proof().isPower()) {
            elsewhere.add(since(mayStart));
        }
        acts.comeBack(dead);
        long notReached = armed.stream()
                .filter(point -> stage.lab.isArmed(component(point, living), point))
                .peek(point -> stage.lab.disarm(component(point, living), point))
                .count();
        return "runs on " + living + " after " + took.toSeconds() + " s, " + notReached + " failpoints not reached";
    }

    /** Returns since when it is proved. */
    private long prove(String dead, HostDeath death) {
        acts.controllers().fail(death.controller());
        switch (death.proof()) {
            case SILENCE_AND_POWER -> acts.controllers().fenceAutomatically(dead);
            case POWER, STATEMENT -> acts.controllers().mayBeOff(dead);
        }
        begin(death.cause(), dead);
        switch (death.proof()) {
            case SILENCE_AND_POWER -> {}
            case POWER -> acts.words().cutPower(dead);
            case STATEMENT -> acts.words().state(dead);
        }
        if (death.meanwhile().stream().anyMatch(Other.FencerDies.class::isInstance)) {
            acts.words().awaitFence(dead, Phase.Fencing, Phase.Proved);
            stage.lab.run("fencer", "kill").orFail();
        }
        acts.words().awaitFence(dead, Phase.Proved);
        return System.nanoTime();
    }

    private void begin(Cause cause, String host) {
        switch (cause) {
            case LOSES_POWER -> stage.lab.run("host", host, "crash").orFail();
            case HANGS -> stage.lab.run("host", host, "freeze").orFail();
            case IS_CUT_OFF -> stage.lab.run("link", host, "down").orFail();
            case IS_WELL -> {}
        }
    }

    private static String component(Failpoint point, String living) {
        return point.id().startsWith("operator.") ? FailoverActs.OPERATOR : "agent-" + living;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
