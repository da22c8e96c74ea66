package io.trustedlaunch.e2e;

import static io.trustedlaunch.e2e.Fault.Side.SOURCE;
import static io.trustedlaunch.e2e.Fault.Side.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.failpoint.Failpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A guest with local disks migrates to and fro with faults. Besides what {@link MigrationFaultsE2E} asserts, its disk keeps
 * what it wrote, and the host that it is not on has nothing of it in the end.
 */
@Tag("campaign")
class LocalDiskFaultsE2E {
    private static final int SHORT_SECONDS = MigrationTrials.LONGER_THAN_AGENTS_WAIT;

    /** Longer than libvirt's keepalive. */
    private static final int LONG_SECONDS = 45;

    @Test
    void aPermanentCutAndTheDeathOfBothAgentsWhileDisksAreCopied() {
        Map<String, List<Fault>> some = new LinkedHashMap<>();
        some.put(
                "link cut permanently at " + MigrationPhase.COPY,
                List.of(new Fault.LinkIsCutPermanently(MigrationPhase.COPY)));
        some.put(
                "both agents die at " + MigrationPhase.COPY,
                List.of(
                        new Fault.AgentDies(SOURCE, MigrationPhase.COPY),
                        new Fault.AgentDies(TARGET, MigrationPhase.COPY)));
        runEach(some)
                .forEach((name, outcome) ->
                        assertThat(outcome.allInjected()).as(name).isTrue());
    }

    @Test
    @Tag("campaign")
    void theLinkIsCutInEveryPhase() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (MigrationPhase phase : MigrationPhase.WITH_LOCAL_DISKS) {
            for (int seconds : List.of(1, SHORT_SECONDS, LONG_SECONDS)) {
                all.put("link cut for " + seconds + " s at " + phase, List.of(new Fault.LinkIsCut(phase, seconds)));
            }
            all.put("link cut permanently at " + phase, List.of(new Fault.LinkIsCutPermanently(phase)));
        }
        runEach(all);
    }

    @Test
    @Tag("campaign")
    void processesDieWhileDisksAreCopied() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (MigrationPhase phase : List.of(MigrationPhase.COPY, MigrationPhase.COPY_END)) {
            for (Fault.Side side : Fault.Side.values()) {
                all.put("agent of the " + side + " dies at " + phase, List.of(new Fault.AgentDies(side, phase)));
                all.put("libvirtd of the " + side + " dies at " + phase, List.of(new Fault.LibvirtdDies(side, phase)));
            }
            all.put(
                    "both agents die at " + phase,
                    List.of(new Fault.AgentDies(SOURCE, phase), new Fault.AgentDies(TARGET, phase)));
            all.put("operator dies at " + phase, List.of(new Fault.OperatorDies(phase)));
        }
        runEach(all);
    }

    @Test
    @Tag("campaign")
    void agentsDieAtTheFailpointsOfLocalDisks() {
        Map<String, List<Fault>> all = new LinkedHashMap<>();
        for (Failpoint point : List.of(
                Failpoint.SOURCE_HOME_GIVEN,
                Failpoint.TARGET_DISKS_MADE,
                Failpoint.SOURCE_HANDED_OVER,
                Failpoint.SOURCE_FOLDER_CLEARED)) {
            all.put("death at " + point.id(), List.of(new Fault.DiesAt(point)));
        }
        all.put(
                "death at " + Failpoint.TARGET_COPIES_REMOVED.id() + " after a failed migration",
                List.of(new Fault.TargetHasNoCertificate(), new Fault.DiesAt(Failpoint.TARGET_COPIES_REMOVED)));
        runEach(all);
    }

    private static Map<String, FaultyMigration.Outcome> runEach(Map<String, List<Fault>> faults) {
        return MigrationTrials.runEachWithoutLongPause(
                "local-faults", stage -> MigratingGuest.startWithLocalDisks(stage, "guest"), faults);
    }
}
