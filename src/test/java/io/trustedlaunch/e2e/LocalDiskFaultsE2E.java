package io.trustedlaunch.e2e;

import static io.trustedlaunch.e2e.Harm.Side.SOURCE;
import static io.trustedlaunch.e2e.Harm.Side.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.failpoint.Failpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A guest goes to and fro with disks that its hosts do not share, while things go wrong: what {@link MoveFaultsE2E} holds, it
 * finds on its disk what it wrote there, and the host that it is not on has nothing of it in the end.
 */
class LocalDiskFaultsE2E {
    private static final int A_WHILE = MoveTrials.LONGER_THAN_AGENTS_WAIT;

    /** Longer than libvirt's keepalive. */
    private static final int LONG = 45;

    @Test
    void aCutForGoodAndTheDeathOfBothAgentsWhileDisksAreCopied() {
        Map<String, List<Harm>> some = new LinkedHashMap<>();
        some.put("link cut for good at " + MovePhase.COPY, List.of(new Harm.LinkIsCutForGood(MovePhase.COPY)));
        some.put(
                "both agents die at " + MovePhase.COPY,
                List.of(new Harm.AgentDies(SOURCE, MovePhase.COPY), new Harm.AgentDies(TARGET, MovePhase.COPY)));
        allGoWell(some)
                .forEach(
                        (name, outcome) -> assertThat(outcome.passed()).as(name).isTrue());
    }

    @Test
    @Tag("campaign")
    void theLinkIsCutInEveryPhase() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (MovePhase phase : MovePhase.WITH_LOCAL_DISKS) {
            for (int seconds : List.of(1, A_WHILE, LONG)) {
                all.put("link cut for " + seconds + " s at " + phase, List.of(new Harm.LinkIsCut(phase, seconds)));
            }
            all.put("link cut for good at " + phase, List.of(new Harm.LinkIsCutForGood(phase)));
        }
        allGoWell(all);
    }

    @Test
    @Tag("campaign")
    void processesDieWhileDisksAreCopied() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (MovePhase phase : List.of(MovePhase.COPY, MovePhase.COPY_END)) {
            for (Harm.Side side : Harm.Side.values()) {
                all.put("agent of the " + side + " dies at " + phase, List.of(new Harm.AgentDies(side, phase)));
                all.put("libvirtd of the " + side + " dies at " + phase, List.of(new Harm.LibvirtdDies(side, phase)));
            }
            all.put(
                    "both agents die at " + phase,
                    List.of(new Harm.AgentDies(SOURCE, phase), new Harm.AgentDies(TARGET, phase)));
            all.put("operator dies at " + phase, List.of(new Harm.OperatorDies(phase)));
        }
        allGoWell(all);
    }

    @Test
    @Tag("campaign")
    void agentsDieAtThePointsThatOnlyLocalDisksHave() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (Failpoint point : List.of(
                Failpoint.SOURCE_HOME_GIVEN,
                Failpoint.TARGET_DISKS_MADE,
                Failpoint.SOURCE_HANDED_OVER,
                Failpoint.SOURCE_FOLDER_CLEARED)) {
            all.put("death at " + point.id(), List.of(new Harm.DiesAt(point)));
        }
        all.put(
                "death at " + Failpoint.TARGET_COPIES_REMOVED.id() + " after a move that failed",
                List.of(new Harm.TargetHasNoCertificate(), new Harm.DiesAt(Failpoint.TARGET_COPIES_REMOVED)));
        allGoWell(all);
    }

    private static Map<String, HarmfulMove.Outcome> allGoWell(Map<String, List<Harm>> harms) {
        return MoveTrials.allGoWell("local-faults", stage -> MovingGuest.startWithLocalDisks(stage, "guest"), harms);
    }
}
