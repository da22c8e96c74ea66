package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.LabOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * I7: a process dies at every named point of a VM's life (first start, stop, second start, deletion, and its image's), and its successor
 * goes on. All points of a component are armed before the life begins, and again before its second start; each kills
 * once. Both die in every run of the tests; one alone, with the other there all the time, in bin/campaign. At the end the VM is in the state that its spec asks for, with one domain and the same TPM.
 */
@LabOrder(LabOrder.Place.FIRST)
class CrashE2E {
    private static final String GUEST = "guest";
    private static final String OPERATOR = "operator-1";

    /** How the names of points begin. */
    private static final List<String> OPERATORS = List.of("operator", "copies");

    private static final List<String> AGENTS = List.of("agent", "importer");

    /** Points that a life without a stop of an older incarnation, or without a deletion, does not pass. */
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
     * This life passes none of them: {@code RetainIT} dies at those of kept VMs, and its image need not be converted. A copy
     * is made beside the VM's own first steps: where the operator dies at one of those, it may have made the copy and never
     * get to this point again. {@code ImageCopyIT} dies there.
     */
    private static final Set<Failpoint> OF_OTHER_LIVES = EnumSet.of(
            Failpoint.OPERATOR_VM_KEPT,
            Failpoint.OPERATOR_KEPT_VM_CLAIMED,
            Failpoint.OPERATOR_MOVE_RESERVED,
            Failpoint.OPERATOR_DEPARTURE_HANDED,
            Failpoint.OPERATOR_MOVE_ENDED,
            Failpoint.OPERATOR_LEFT_TOLD,
            Failpoint.COPIES_COPY_MADE,
            Failpoint.IMPORTER_CONVERTED);

    @Test
    @Tag("campaign")
    void theOperatorDiesAtEveryPoint() {
        liveThrough(OPERATORS);
    }

    @Test
    @Tag("campaign")
    void theAgentDiesAtEveryPoint() {
        liveThrough(AGENTS);
    }

    @Test
    void bothDieAtEveryPoint() {
        liveThrough(Stream.concat(OPERATORS.stream(), AGENTS.stream()).toList());
    }

    private static void liveThrough(List<String> dying) {
        try (Stage stage = Stage.open("crash-" + dying.getFirst())) {
            List<Armed> armed = arm(stage, dying);
            stage.create(stage.vmInFirmware(GUEST).onNodesWith("kubernetes.io/hostname", "host-a"));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.getMetadata().getUid();
            assertRunsOnce(stage, uid, first);

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();

            stage.setRunStrategy(GUEST, RunStrategy.Always);
            TrustedLaunchVM second = stage.awaitRunning(GUEST);
            assertRunsOnce(stage, uid, second);
            assertThat(second.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            await("every point before the deletion was passed")
                    .atMost(Stage.PATIENCE)
                    .until(() -> armed.stream()
                            .filter(one -> !ONLY_AT_DELETION.contains(one.point()))
                            .filter(one -> one.isLeft(stage))
                            .toList()
                            .isEmpty());

            stage.delete(GUEST);
            stage.awaitGone(GUEST, uid);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid)).doesNotExist();
            stage.removeImage(stage.blank);
            await("every point was passed")
                    .atMost(Stage.PATIENCE)
                    .until(() -> armed.stream().noneMatch(one -> one.isLeft(stage)));
            armed.forEach(one -> System.out.println("died and went on: " + one.component() + " at "
                    + one.point().id()));
        }
    }

    private static List<Armed> arm(Stage stage, List<String> dying) {
        List<Armed> armed = new ArrayList<>();
        Arrays.stream(Failpoint.values())
                .filter(point -> !OF_OTHER_LIVES.contains(point))
                .filter(point ->
                        dying.contains(point.id().substring(0, point.id().indexOf('.'))))
                .forEach(point -> armed.add(new Armed(componentOf(point), point)));
        armed.forEach(one -> stage.lab.arm(one.component(), one.point()));
        return armed;
    }

    /** The VM is kept on the first host by its node selector, so that it is known whose agent dies. */
    private static String componentOf(Failpoint point) {
        return OPERATORS.stream().anyMatch(prefix -> point.id().startsWith(prefix + ".")) ? OPERATOR : "agent-host-a";
    }

    private static void assertRunsOnce(Stage stage, String uid, TrustedLaunchVM vm) {
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(vm.getStatus().nodeName());
        assertThat(stage.lab.hostsWithDomain(uid))
                .containsExactly(vm.getStatus().nodeName());
    }

    private record Armed(String component, Failpoint point) {
        boolean isLeft(Stage stage) {
            return stage.lab.isArmed(component, point);
        }
    }
}
