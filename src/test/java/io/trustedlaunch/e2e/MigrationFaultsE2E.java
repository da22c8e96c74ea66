package io.trustedlaunch.e2e;

import static io.trustedlaunch.e2e.Fault.Side.SOURCE;
import static io.trustedlaunch.e2e.Fault.Side.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.incarnation.VMMigrationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.LabOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A guest migrates to and fro between two hosts with faults. Two guests never run at once (I1), the guest pauses for less
 * than a long cut lasts, and the VM always recovers by itself (I7).
 */
@LabOrder(LabOrder.Place.FIRST)
class MigrationFaultsE2E {
    private static final int SHORT_SECONDS = MigrationTrials.LONGER_THAN_AGENTS_WAIT;

    /** Longer than a Lease and libvirt's keepalive. */
    private static final int LONG_SECONDS = 70;

    /**
     * Schedules of {@link ChaosE2E}: together an operator, an agent and two libvirtd die, and a host and a link are cut off
     * for a short time.
     */
    private static final List<Long> SEEDS = List.of(67L, 73L, 101L);

    /** The failpoints that a migration without faults passes. */
    private static final List<Failpoint> FAILPOINTS = List.of(
            Failpoint.OPERATOR_MIGRATION_RESERVED,
            Failpoint.OPERATOR_DEPARTURE_HANDED,
            Failpoint.OPERATOR_MIGRATION_ENDED,
            Failpoint.SOURCE_DEPARTURE_RECORDED,
            Failpoint.SOURCE_MIGRATION_STARTED,
            Failpoint.SOURCE_UNDERWAY_REPORTED,
            Failpoint.SOURCE_LEFT_RECORDED,
            Failpoint.SOURCE_HANDOFF_SENT,
            Failpoint.SOURCE_LEFT_REPORTED,
            Failpoint.TARGET_ARRIVAL_RECORDED,
            Failpoint.TARGET_RECEIVING_REPORTED,
            Failpoint.TARGET_EK_PROBED,
            Failpoint.TARGET_VARIABLES_COMPLETED,
            Failpoint.TARGET_HOME_CLAIMED,
            Failpoint.TARGET_RESUME_RECORDED,
            Failpoint.TARGET_RESUMED);

    @Test
    void aCutAtTheSwitchOverDeathsAndAnUnfitTarget() {
        Map<String, List<Fault>> some = new LinkedHashMap<>();
        some.put("a cut of one second at the switch-over", List.of(new Fault.LinkIsCut(MigrationPhase.SWITCH_OVER, 1)));
        some.put(
                "both agents die as the guest leaves",
                List.of(
                        new Fault.DiesAt(Failpoint.SOURCE_LEFT_RECORDED),
                        new Fault.AgentDies(TARGET, MigrationPhase.CONFIRM)));
        some.put("a target without a certificate", List.of(new Fault.TargetHasNoCertificate()));
        Map<String, FaultyMigration.Outcome> outcomes = runEach(some);
        assertThat(outcomes.get("a cut of one second at the switch-over").phase())
                .isEqualTo(Phase.Succeeded);
        assertThat(outcomes.get("a target without a certificate").phase()).isEqualTo(Phase.Failed);
        assertThat(outcomes.get("a target without a certificate").message()).contains("server-cert.pem");
    }

    @Test
    @Tag("campaign")
    void aCutAfterTheGuestHasLeftAndFurtherUnfitTargets() {
        Map<String, List<Fault>> some = new LinkedHashMap<>();
        some.put("a cut after the guest has left", List.of(new Fault.LinkIsCut(MigrationPhase.CONFIRM, SHORT_SECONDS)));
        some.put(
                "libvirtd of the source dies",
                List.of(new Fault.LibvirtdDies(Fault.Side.SOURCE, MigrationPhase.STREAM)));
        some.put("a target without memory", List.of(new Fault.TargetHasNoMemory()));
        some.put("a target without space for a TPM", List.of(new Fault.TargetHasNoDisk()));
        Map<String, FaultyMigration.Outcome> outcomes = runEach(some);
        assertThat(outcomes.get("a cut after the guest has left").phase()).isEqualTo(Phase.Succeeded);
        assertThat(outcomes.get("a target without memory").phase()).isEqualTo(Phase.Failed);
        assertThat(outcomes.get("a target without memory").message()).containsIgnoringCase("cannot allocate memory");
        assertThat(outcomes.get("a target without space for a TPM").phase()).isEqualTo(Phase.Failed);
    }

    @Test
    @Tag("campaign")
    void fixedSchedules() {
        Map<String, List<Fault>> schedules = new LinkedHashMap<>();
        SEEDS.forEach(seed -> schedules.put("seed " + seed, ChaosE2E.faults(seed)));
        runEach(schedules)
                .forEach((seed, outcome) ->
                        assertThat(outcome.longestPause()).as(seed).isLessThan(ChaosE2E.RECOVERY));
    }

    @Test
    @Tag("campaign")
    void theLinkIsCutInEveryPhase() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (MigrationPhase phase : MigrationPhase.OF_EVERY_MOVE) {
            for (int seconds : List.of(1, SHORT_SECONDS)) {
                all.put("link cut for " + seconds + " s at " + phase, List.of(new Fault.LinkIsCut(phase, seconds)));
            }
            for (Fault.Side side : Fault.Side.values()) {
                all.put(side + " deaf at " + phase, List.of(new Fault.HostIsDeaf(side, phase, SHORT_SECONDS)));
            }
        }
        for (MigrationPhase phase : List.of(MigrationPhase.SWITCH_OVER, MigrationPhase.CONFIRM)) {
            all.put(
                    "link cut for " + LONG_SECONDS + " s at " + phase,
                    List.of(new Fault.LinkIsCut(phase, LONG_SECONDS)));
        }
        // libvirt logs the switch-over before the link is cut, so the guest may already have left.
        assertThat(runEach(all).get("link cut for " + SHORT_SECONDS + " s at " + MigrationPhase.SWITCH_OVER))
                .matches(
                        cut -> cut.phase() == Phase.Succeeded || cut.message().contains("does not respond"),
                        "either completed or undone");
    }

    @Test
    @Tag("campaign")
    void aHostIsCutOffForLongerThanALease() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (MigrationPhase phase : List.of(MigrationPhase.STREAM, MigrationPhase.SWITCH_OVER, MigrationPhase.FINISH)) {
            for (Fault.Side side : Fault.Side.values()) {
                all.put(side + " cut off at " + phase, List.of(new Fault.HostIsCutOff(side, phase, LONG_SECONDS)));
            }
        }
        runEach(all);
    }

    @Test
    @Tag("campaign")
    void agentsAndOperatorDieAtEveryFailpoint() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        FAILPOINTS.forEach(point -> all.put("death at " + point.id(), List.of(new Fault.DiesAt(point))));
        for (MigrationPhase phase : MigrationPhase.OF_EVERY_MOVE) {
            all.put(
                    "both agents die at " + phase,
                    List.of(new Fault.AgentDies(SOURCE, phase), new Fault.AgentDies(TARGET, phase)));
        }
        runEach(all);
    }

    @Test
    @Tag("campaign")
    void libvirtdDiesInEveryPhase() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (MigrationPhase phase : MigrationPhase.OF_EVERY_MOVE) {
            for (Fault.Side side : Fault.Side.values()) {
                all.put("libvirtd of the " + side + " dies at " + phase, List.of(new Fault.LibvirtdDies(side, phase)));
            }
        }
        runEach(all);
    }

    private static Map<String, FaultyMigration.Outcome> runEach(Map<String, List<Fault>> faults) {
        return MigrationTrials.runEachWithoutLongPause("faults", stage -> MigratingGuest.start(stage, "guest"), faults);
    }
}
