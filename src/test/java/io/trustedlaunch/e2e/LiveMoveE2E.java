package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.operator.kube.Conditions;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.LabOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.lang3.StringUtils;
import org.junit.jupiter.api.Test;

/**
 * Guests that go on on another host, as a user or an administrator asks for it. One of them is then deleted and kept: to
 * start a system takes longer than all else here, and what a VM is kept with is what its moves brought along.
 */
@LabOrder(LabOrder.Place.FIRST)
class LiveMoveE2E {
    private static final String PAYROLL = "payroll";
    private static final String LEDGER = "ledger";
    private static final String HEIR = "heir";

    /** Measured for one move, and held: one more is a regression that wants a reason. */
    private static final int WRITES_OF_A_MOVE = 20;

    /** How often an agent tells how far it is; the operator tells it on. */
    private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(5);

    @Test
    void aVmMovesWithItsTpmAndThenItsNodeIsEmptiedAndThenItGoesOnUnderAnotherName() {
        try (Stage stage = Stage.open("live")) {
            String secret = UUID.randomUUID().toString();
            stage.userData("init", "#cloud-config\n# proof: nv-write " + secret + "\n# proof: counter\n");
            stage.create(stage.vm(PAYROLL).userData("init").retained());
            TrustedLaunchVM before = stage.awaitRunning(PAYROLL);
            String uid = before.identity();
            String source = before.getStatus().nodeName();
            stage.awaitConsole(uid, console -> counter(console) >= 2, "a counter that counts");
            stage.awaitReason(PAYROLL, ConditionType.Migratable, Reason.Migratable);

            TrustedLaunchVM after = move(stage, before);
            String target = after.getStatus().nodeName();
            assertThat(target).isNotEqualTo(source);
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            assertThat(stage.lab.hostsWithDomain(uid)).containsExactly(target);
            assertGoesOn(stage, uid);
            assertNothingIsLeft(stage, uid, source);

            maintain(stage, source, Maintenance.Cordon);
            stage.create(stage.vmInFirmware(LEDGER));
            String ledger = stage.awaitRunning(LEDGER).identity();
            maintain(stage, source, Maintenance.None);
            stage.awaitReason(LEDGER, ConditionType.Migratable, Reason.Migratable);
            drain(stage, target, List.of(uid, ledger), source);
            assertGoesOn(stage, uid);

            TrustedLaunchVM last = stage.awaitRunning(PAYROLL);
            assertThat(last.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            deleteAndKeep(stage, last);
            startHeir(stage, last);
            stage.awaitConsole(uid, console -> StringUtils.countMatches(console, "PROOF ready=") == 2, "a second boot");
            assertThat(StringUtils.substringAfterLast(stage.console(uid), "PROOF boot="))
                    .as("what its first boot stored")
                    .contains("PROOF nv=" + secret)
                    .contains("PROOF ek=000b" + before.getStatus().vTPM().ekDigest());

            stage.delete(HEIR);
            stage.awaitGone(HEIR, uid);
            assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
            assertThat(stage.folderOf(uid)).doesNotExist();
        }
    }

    private static void deleteAndKeep(Stage stage, TrustedLaunchVM vm) {
        String uid = vm.identity();
        stage.delete(PAYROLL);
        await("the VM is gone from the API")
                .atMost(Stage.PATIENCE)
                .until(() ->
                        stage.get(PAYROLL) == null && stage.incarnations(uid).isEmpty());
        assertThat(stage.console(uid)).as("it was asked, not cut off").contains("PROOF poweroff=");
        assertThat(stage.lab.hostsWithDomain(uid)).isEmpty();
        assertThat(stage.folderOf(uid).resolve("os.qcow2")).exists();
        RetainedVMRecord kept = RetainedVMRecord.parse(stage.keySecret(uid)
                .orElseThrow()
                .getMetadata()
                .getAnnotations()
                .get(Api.RETAINED_VM));
        assertThat(kept.epoch()).isEqualTo(vm.getStatus().epoch());
        assertThat(kept.vTPM().ekDigest()).isEqualTo(vm.getStatus().vTPM().ekDigest());
    }

    private static void startHeir(Stage stage, TrustedLaunchVM vm) {
        stage.create(stage.vm(HEIR).restoring(vm.identity()));
        TrustedLaunchVM heir = stage.awaitRunning(HEIR);
        assertThat(heir.getMetadata().getUid()).isNotEqualTo(vm.getMetadata().getUid());
        assertThat(heir.getStatus().vTPM().ekDigest())
                .isEqualTo(vm.getStatus().vTPM().ekDigest());
        assertThat(heir.getStatus().networkInterfaces().getFirst().macAddress())
                .isEqualTo(vm.getStatus().networkInterfaces().getFirst().macAddress());
        assertThat(heir.getStatus().epoch()).isGreaterThan(vm.getStatus().epoch());
    }

    private static TrustedLaunchVM move(Stage stage, TrustedLaunchVM vm) {
        String uid = vm.identity();
        int earlier = writes(stage, uid).size();
        Instant begin = Instant.now();
        VMMigration move = new VMMigration();
        move.setMetadata(Stage.meta("away", stage.namespace));
        move.setSpec(new VMMigrationSpec(new ObjectRef(PAYROLL), null));
        stage.create(move);
        VMMigration ended = await("the move to end")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> stage.client.resource(move).get(),
                        now -> now.getStatus() != null && now.getStatus().endedAt() != null);
        Duration took = Duration.between(begin, Instant.now());
        System.out.println("Moved in " + took + ": " + ended.getStatus());
        assertThat(ended.getStatus().phase()).isEqualTo(Phase.Succeeded);
        TrustedLaunchVM moved = stage.awaitRunning(PAYROLL);
        await("the source to be cleared away")
                .atMost(Stage.PATIENCE)
                .until(() -> stage.incarnations(uid).size() == 1);
        List<AuditLog.Write> all = writes(stage, uid);
        List<AuditLog.Write> writes = all.subList(earlier, all.size());
        writes.forEach(write -> System.out.println("API write of a move: " + write));
        // Two agents tell of the same objects that the operator changes, and each of its writes names what it has read.
        assertThat(writes.stream().filter(write -> write.failed() && !write.isConflict()))
                .isEmpty();
        assertThat(writes).hasSizeLessThanOrEqualTo(WRITES_OF_A_MOVE + 2 * (int) took.dividedBy(BETWEEN_PROGRESS));
        return moved;
    }

    /** Of the product, for the VM. */
    private static List<AuditLog.Write> writes(Stage stage, String uid) {
        return new AuditLog(stage.lab.auditLog())
                .writes(write -> write.user().startsWith("trusted-launch-")
                        && (write.name().startsWith(uid) || write.namespace().equals(stage.namespace)));
    }

    private static void drain(Stage stage, String node, List<String> uids, String other) {
        Instant begin = Instant.now();
        maintain(stage, node, Maintenance.Drain);
        try {
            await(node + " to be drained")
                    .atMost(Stage.PATIENCE)
                    .until(() -> drained(stage, node)
                            .filter(condition -> condition.getStatus().equals("True"))
                            .isPresent());
            System.out.println("Drained in " + Duration.between(begin, Instant.now()));
            for (String uid : uids) {
                assertThat(stage.lab.hostsWithDomain(uid)).containsExactly(other);
                assertThat(stage.lab.hostsRunning(uid)).containsExactly(other);
            }
        } finally {
            maintain(stage, node, Maintenance.None);
        }
        await("nothing to be said of a drain any more")
                .atMost(Stage.PATIENCE)
                .until(() -> drained(stage, node).isEmpty());
    }

    private static void assertGoesOn(Stage stage, String uid) {
        int counted = counter(stage.console(uid));
        stage.awaitConsole(uid, console -> counter(console) > counted, "a counter that goes on");
        assertThat(stage.console(uid).split("PROOF boot=", -1))
                .as("it was not started again")
                .hasSize(2);
    }

    private static void assertNothingIsLeft(Stage stage, String uid, String host) {
        await("nothing of the VM is left on " + host)
                .atMost(Stage.PATIENCE)
                .until(() -> stage.lab
                        .exec(host, "find", "/var/lib/libvirt", "/run/trusted-launch", "-name", "*" + uid + "*")
                        .isBlank());
    }

    private static Optional<Condition> drained(Stage stage, String node) {
        return Conditions.find(
                stage.client
                        .resources(ClusterNode.class)
                        .withName(node)
                        .get()
                        .getStatus()
                        .conditions(),
                ConditionType.Drained);
    }

    private static void maintain(Stage stage, String node, Maintenance maintenance) {
        stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maintenance\": \"" + maintenance + "\"}}");
    }

    private static int counter(String console) {
        return new GuestHistory(console).counter();
    }
}
