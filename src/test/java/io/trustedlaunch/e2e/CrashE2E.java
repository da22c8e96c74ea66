package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.LabOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * I7: a process dies at every failpoint that a VM passes (first start, stop, second start, deletion, and the import and
 * removal of its image), and the restarted process goes on. All failpoints of a component are armed before the first start;
 * each kills once. At the end the VM is in the state that its spec asks for, with one domain and the same TPM. Every run of
 * the tests kills both processes where something real has just changed; bin/campaign kills them at each point, both in one
 * run, and one of them while the other stays up.
 */
@LabOrder(LabOrder.Place.FIRST)
class CrashE2E {
    private static final String GUEST = "guest";
    private static final String OPERATOR = "operator-1";

    /** The prefixes of the components' failpoints. */
    private static final List<String> OPERATORS = List.of("operator", "copies");

    private static final List<String> AGENTS = List.of("agent", "importer");

    /** Failpoints that only a deletion passes. */
    private static final Set<Failpoint> ONLY_AT_DELETION = EnumSet.of(
            Failpoint.OPERATOR_ERASE_REQUESTED,
            Failpoint.OPERATOR_KEY_DESTROYED,
            Failpoint.OPERATOR_INCARNATION_REMOVED,
            Failpoint.OPERATOR_VM_RELEASED,
            Failpoint.AGENT_STATE_ERASED,
            Failpoint.AGENT_DISKS_ERASED,
            Failpoint.AGENT_ERASE_REPORTED,
            Failpoint.COPIES_REMOVAL_REQUESTED,
            Failpoint.COPIES_COPY_RELEASED,
            Failpoint.IMPORTER_FILE_REMOVED,
            Failpoint.IMPORTER_REMOVAL_REPORTED);

    /**
     * Failpoints that this VM does not pass: {@code RetainIT} covers retained VMs, {@code BackupIT} and {@code
     * BackupScheduleIT} backups, and {@code RestoreIT} restores. The operator creates the image's copy in parallel to the VM's
     * first steps, so after a death at one of those it may not pass that failpoint again; {@code ImageCopyIT} covers it.
     */
    private static final Set<Failpoint> NOT_PASSED = EnumSet.of(
            Failpoint.OPERATOR_VM_RETAINED,
            Failpoint.OPERATOR_KEY_RESTORED,
            Failpoint.OPERATOR_RETAINED_VM_CLAIMED,
            Failpoint.OPERATOR_MIGRATION_RESERVED,
            Failpoint.OPERATOR_DEPARTURE_HANDED,
            Failpoint.OPERATOR_MIGRATION_ENDED,
            Failpoint.OPERATOR_HANDOFF_CONFIRMED,
            Failpoint.OPERATOR_FENCE_REQUESTED,
            Failpoint.OPERATOR_FENCE_FENCING,
            Failpoint.OPERATOR_FENCE_PROVED,
            Failpoint.OPERATOR_FENCE_RELEASED,
            Failpoint.OPERATOR_BACKUP_RUN_CREATED,
            Failpoint.OPERATOR_SCHEDULED_BACKUP_CREATED,
            Failpoint.OPERATOR_RESTORE_BEGUN,
            Failpoint.OPERATOR_RESTORE_RUN_CREATED,
            Failpoint.OPERATOR_DEVICES_REQUESTED,
            Failpoint.AGENT_DISK_ADDED,
            Failpoint.AGENT_DISKS_LISTED,
            Failpoint.AGENT_DEVICES_CHANGED,
            Failpoint.COPIES_COPY_MADE);

    /** In the API server, in the storage location, in libvirt or in the guest. */
    private static final Set<Failpoint> SOMETHING_REAL_HAS_CHANGED = EnumSet.of(
            Failpoint.OPERATOR_INCARNATION_CREATED,
            Failpoint.OPERATOR_ENVELOPE_REMOVED,
            Failpoint.OPERATOR_KEY_DESTROYED,
            Failpoint.AGENT_TPM_MADE,
            Failpoint.AGENT_DOMAIN_CREATED,
            Failpoint.AGENT_HOME_CLAIMED,
            Failpoint.AGENT_RESUMED,
            Failpoint.AGENT_LAST_STATE_SEALED,
            Failpoint.AGENT_STATE_ERASED,
            Failpoint.IMPORTER_PUBLISHED);

    @Test
    @Tag("campaign")
    void theOperatorDiesAtEveryPoint() {
        runWithDeathsAt(points(OPERATORS));
    }

    @Test
    @Tag("campaign")
    void theAgentDiesAtEveryPoint() {
        runWithDeathsAt(points(AGENTS));
    }

    @Test
    @Tag("campaign")
    void bothDieAtEveryPoint() {
        runWithDeathsAt(Stream.concat(points(OPERATORS).stream(), points(AGENTS).stream())
                .toList());
    }

    @Test
    void bothDieWhereSomethingRealHasChanged() {
        runWithDeathsAt(List.copyOf(SOMETHING_REAL_HAS_CHANGED));
    }

    private static void runWithDeathsAt(List<Failpoint> points) {
        try (Stage stage = Stage.open("crash")) {
            List<Armed> armed = arm(stage, points);
            stage.create(stage.vmInFirmware(GUEST).onNodesWith("kubernetes.io/hostname", "host-a"));
            outlive(stage, armed);
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            assertRunsOnce(stage, uid, first);

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            // If the VM were started at once, its envelope would go with the old incarnation.
            awaitPassed(stage, armed, Failpoint.OPERATOR_ENVELOPE_REMOVED::equals);

            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM second = stage.awaitRunning(GUEST);
            assertRunsOnce(stage, uid, second);
            assertThat(second.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            awaitPassed(stage, armed, point -> !ONLY_AT_DELETION.contains(point));

            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid)).doesNotExist();
            stage.removeImage(stage.blank);
            awaitPassed(stage, armed, point -> true);
            armed.forEach(one -> System.out.println("Died and recovered: " + one.component() + " at "
                    + one.point().id()));
        }
    }

    /** Of components whose failpoints have these prefixes. */
    private static List<Failpoint> points(List<String> components) {
        return Arrays.stream(Failpoint.values())
                .filter(point -> !NOT_PASSED.contains(point))
                .filter(point ->
                        components.contains(point.id().substring(0, point.id().indexOf('.'))))
                .toList();
    }

    private static List<Armed> arm(Stage stage, List<Failpoint> points) {
        List<Armed> armed = points.stream()
                .map(point -> new Armed(componentOf(point), point))
                .toList();
        armed.forEach(one -> stage.lab.arm(one.component(), one.point()));
        return armed;
    }

    /** Until the VM runs. A first start passes two dozen deaths, so it has the time of a start for each of them. */
    private static void outlive(Stage stage, List<Armed> armed) {
        boolean running = false;
        while (!running) {
            long left = pending(stage, armed);
            running = Stage.isRunning(stage.awaitVm(
                    GUEST,
                    "running, or past one more death",
                    vm -> Stage.isRunning(vm) || pending(stage, armed) < left));
        }
    }

    private static long pending(Stage stage, List<Armed> armed) {
        return armed.stream().filter(one -> one.isPending(stage)).count();
    }

    private static void awaitPassed(Stage stage, List<Armed> armed, Predicate<Failpoint> which) {
        await().atMost(Stage.TIMEOUT)
                .untilAsserted(() -> assertThat(armed)
                        .as("failpoints that were not passed")
                        .filteredOn(one -> which.test(one.point()) && one.isPending(stage))
                        .isEmpty());
    }

    /** The VM's node selector pins it to the first host, so that is the agent that dies. */
    private static String componentOf(Failpoint point) {
        return OPERATORS.stream().anyMatch(prefix -> point.id().startsWith(prefix + ".")) ? OPERATOR : "agent-host-a";
    }

    private static void assertRunsOnce(Stage stage, String uid, TrustedLaunchVM vm) {
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(vm.getStatus().nodeName());
        assertThat(stage.lab.hostsWithDomain(uid))
                .containsExactly(vm.getStatus().nodeName());
    }

    private record Armed(String component, Failpoint point) {
        boolean isPending(Stage stage) {
            return stage.lab.isArmed(component, point);
        }
    }
}
