package io.trustedlaunch.e2e;

import static io.trustedlaunch.e2e.Harm.Side.SOURCE;
import static io.trustedlaunch.e2e.Harm.Side.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.LabOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One guest goes to and fro between two hosts while things go wrong: never do two run, never does none run for as long as
 * the hosts are cut off from each other, and in the end all is well without anybody's help.
 */
@LabOrder(LabOrder.Place.FIRST)
class MoveFaultsE2E {
    private static final int A_WHILE = MoveTrials.LONGER_THAN_AGENTS_WAIT;

    /** Longer than a Lease, and than libvirt's keepalive. */
    private static final int LONG = 70;

    /** Of {@link ChaosE2E}. Between them an operator, an agent and two libvirtd die, and a host and a link are cut off, none for long. */
    private static final List<Long> SEEDS = List.of(67L, 73L, 101L);

    /** Points that only the operator that hands things over passes, and those that a move without trouble does not. */
    private static final List<Failpoint> OF_A_MOVE = List.of(
            Failpoint.OPERATOR_MOVE_RESERVED,
            Failpoint.OPERATOR_DEPARTURE_HANDED,
            Failpoint.OPERATOR_MOVE_ENDED,
            Failpoint.SOURCE_DEPARTURE_REMEMBERED,
            Failpoint.SOURCE_MOVE_BEGUN,
            Failpoint.SOURCE_UNDERWAY_REPORTED,
            Failpoint.SOURCE_LEFT_REMEMBERED,
            Failpoint.SOURCE_WORD_GIVEN,
            Failpoint.SOURCE_LEFT_REPORTED,
            Failpoint.TARGET_ARRIVAL_REMEMBERED,
            Failpoint.TARGET_RECEIVING_REPORTED,
            Failpoint.TARGET_EK_PROBED,
            Failpoint.TARGET_VARIABLES_COMPLETED,
            Failpoint.TARGET_HOME_CLAIMED,
            Failpoint.TARGET_RESUME_REMEMBERED,
            Failpoint.TARGET_RESUMED);

    @Test
    void cutLinksDeathsAtTheHandOverATargetThatCannotAndAFewFixedSchedules() {
        Map<String, List<Harm>> some = new LinkedHashMap<>();
        some.put("a cut of a second at the switch-over", List.of(new Harm.LinkIsCut(MovePhase.SWITCH_OVER, 1)));
        some.put("a cut at the switch-over", List.of(new Harm.LinkIsCut(MovePhase.SWITCH_OVER, A_WHILE)));
        some.put("a cut when it has left", List.of(new Harm.LinkIsCut(MovePhase.CONFIRM, A_WHILE)));
        some.put(
                "both agents die as it leaves",
                List.of(
                        new Harm.DiesAt(Failpoint.SOURCE_LEFT_REMEMBERED),
                        new Harm.AgentDies(TARGET, MovePhase.CONFIRM)));
        some.put("a target without a certificate", List.of(new Harm.TargetHasNoCertificate()));
        some.put("a target without memory", List.of(new Harm.TargetHasNoMemory()));
        some.put("a target without room for a TPM", List.of(new Harm.TargetHasNoDisk()));
        SEEDS.forEach(seed -> some.put("seed " + seed, ChaosE2E.harms(seed)));
        Map<String, HarmfulMove.Outcome> outcomes = allGoWell(some);
        assertThat(outcomes.get("a cut of a second at the switch-over").phase()).isEqualTo(Phase.Succeeded);
        // libvirt says that it switches over before the cable is out: until then the guest may have left.
        assertThat(outcomes.get("a cut at the switch-over"))
                .matches(
                        cut -> cut.phase() == Phase.Succeeded || cut.why().contains("does not answer"),
                        "done or undone");
        assertThat(outcomes.get("a cut when it has left").phase()).isEqualTo(Phase.Succeeded);
        assertThat(outcomes.get("a target without a certificate").phase()).isEqualTo(Phase.Failed);
        assertThat(outcomes.get("a target without a certificate").why()).contains("server-cert.pem");
        assertThat(outcomes.get("a target without memory").phase()).isEqualTo(Phase.Failed);
        assertThat(outcomes.get("a target without memory").why()).containsIgnoringCase("cannot allocate memory");
        assertThat(outcomes.get("a target without room for a TPM").phase()).isEqualTo(Phase.Failed);
        SEEDS.forEach(
                seed -> assertThat(outcomes.get("seed " + seed).stoodStill()).isLessThan(ChaosE2E.RECOVERY));
    }

    @Test
    @Tag("campaign")
    void theLinkIsCutInEveryPhase() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (MovePhase phase : MovePhase.OF_EVERY_MOVE) {
            for (int seconds : List.of(1, A_WHILE)) {
                all.put("link cut for " + seconds + " s at " + phase, List.of(new Harm.LinkIsCut(phase, seconds)));
            }
            for (Harm.Side side : Harm.Side.values()) {
                all.put(side + " deaf at " + phase, List.of(new Harm.HostIsDeaf(side, phase, A_WHILE)));
            }
        }
        for (MovePhase phase : List.of(MovePhase.SWITCH_OVER, MovePhase.CONFIRM)) {
            all.put("link cut for " + LONG + " s at " + phase, List.of(new Harm.LinkIsCut(phase, LONG)));
        }
        allGoWell(all);
    }

    @Test
    @Tag("campaign")
    void aHostIsCutOffFromAllOthersForLongerThanALease() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (MovePhase phase : List.of(MovePhase.STREAM, MovePhase.SWITCH_OVER, MovePhase.FINISH)) {
            for (Harm.Side side : Harm.Side.values()) {
                all.put(side + " cut off at " + phase, List.of(new Harm.HostIsCutOff(side, phase, LONG)));
            }
        }
        allGoWell(all);
    }

    @Test
    @Tag("campaign")
    void agentsAndOperatorDieAtEveryPoint() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        OF_A_MOVE.forEach(point -> all.put("death at " + point.id(), List.of(new Harm.DiesAt(point))));
        for (MovePhase phase : MovePhase.OF_EVERY_MOVE) {
            all.put(
                    "both agents die at " + phase,
                    List.of(new Harm.AgentDies(SOURCE, phase), new Harm.AgentDies(TARGET, phase)));
        }
        allGoWell(all);
    }

    @Test
    @Tag("campaign")
    void libvirtdDiesInEveryPhase() {
        Map<String, List<Harm>> all = new LinkedHashMap<>();
        for (MovePhase phase : MovePhase.OF_EVERY_MOVE) {
            for (Harm.Side side : Harm.Side.values()) {
                all.put("libvirtd of the " + side + " dies at " + phase, List.of(new Harm.LibvirtdDies(side, phase)));
            }
        }
        allGoWell(all);
    }

    private static Map<String, HarmfulMove.Outcome> allGoWell(Map<String, List<Harm>> harms) {
        return MoveTrials.allGoWell("faults", stage -> MovingGuest.start(stage, "guest"), harms);
    }
}
