package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import io.trustedlaunch.api.VMMigrationStatus.Phase;
import io.trustedlaunch.testkit.Lab;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A guest between two hosts, with their own agents, libvirt and QEMU. */
@Tag("campaign")
class MigrationE2E {
    private static final String GUEST = "guest";
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern COUNTER = Pattern.compile("PROOF counter=(\\d+)");

    private final Lab lab = Lab.fromEnvironment();

    @Test
    void aGuestGoesOnOnAnotherHostWithItsTpm() {
        try (Stage stage = Stage.open("move")) {
            String secret = UUID.randomUUID().toString();
            TrustedLaunchVM before = start(stage, "# proof: nv-write " + secret + "\n");
            String uid = before.identity();
            String source = before.getStatus().nodeName();
            String target = other(source);

            VMMigrationStatus moved = migrate(stage, target);

            assertThat(moved.phase()).as(moved.toString()).isEqualTo(Phase.Succeeded);
            assertThat(lab.hostsRunning(uid)).containsExactly(target);
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            assertThat(after.getStatus().nodeName()).isEqualTo(target);
            assertThat(after.getStatus().epoch()).isEqualTo(before.getStatus().epoch() + 1);
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            assertCountsOn(stage, uid);
            assertThat(stage.console(uid).split("PROOF boot=", -1))
                    .as("it was not started again")
                    .hasSize(2);
            assertNothingIsLeft(uid, source);
            assertThat(lab.hostsWithDomain(uid)).containsExactly(target);

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            assertThat(stage.awaitRunning(GUEST).getStatus().vTPM())
                    .isEqualTo(before.getStatus().vTPM());
            stage.awaitConsole(
                    uid,
                    console -> console.lastIndexOf("PROOF nv=" + secret) > console.lastIndexOf("PROOF boot="),
                    "the secret of its first boot");
        }
    }

    @Test
    void aGuestThatCannotMoveStaysAndTheOtherHostForgetsIt() {
        try (Stage stage = Stage.open("stay")) {
            TrustedLaunchVM vm = start(stage, "");
            String uid = vm.identity();
            String source = vm.getStatus().nodeName();
            String target = other(source);

            lab.exec(target, "mv", "/etc/pki/qemu/server-cert.pem", "/etc/pki/qemu/away");
            VMMigrationStatus failed;
            try {
                failed = migrate(stage, target);
            } finally {
                lab.exec(target, "mv", "/etc/pki/qemu/away", "/etc/pki/qemu/server-cert.pem");
            }

            assertThat(failed.phase()).as(failed.toString()).isEqualTo(Phase.Failed);
            assertThat(failed.conditions().getFirst().getMessage()).containsIgnoringCase("server-cert.pem");
            assertThat(lab.hostsWithDomain(uid)).containsExactly(source);
            assertThat(lab.hostsRunning(uid)).containsExactly(source);
            assertNothingIsLeft(uid, target);
            assertCountsOn(stage, uid);
            assertThat(stage.awaitRunning(GUEST).getStatus().epoch())
                    .isEqualTo(vm.getStatus().epoch());
        }
    }

    /** Counts, and can move. */
    private static TrustedLaunchVM start(Stage stage, String proofs) {
        stage.userData("init", "#cloud-config\n" + proofs + "# proof: counter\n");
        stage.create(stage.vm(GUEST).userData("init").impatient());
        stage.awaitRunning(GUEST);
        stage.awaitConsole(stage.uid(GUEST), console -> counter(console) >= 2, "a counter that counts");
        return stage.awaitVm(
                GUEST,
                "Migratable",
                vm -> Stage.condition(vm, ConditionType.Migratable)
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent());
    }

    private static VMMigrationStatus migrate(Stage stage, String target) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(Stage.meta("move", stage.namespace));
        migration.setSpec(new VMMigrationSpec(new ObjectRef(GUEST), target));
        stage.create(migration);
        return await("the move is over")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> Optional.ofNullable(stage.client
                                .resources(VMMigration.class)
                                .inNamespace(stage.namespace)
                                .withName("move")
                                .get()
                                .getStatus()),
                        status -> status.map(VMMigrationStatus::endedAt).isPresent())
                .orElseThrow();
    }

    private static void assertCountsOn(Stage stage, String uid) {
        int counted = counter(stage.console(uid));
        stage.awaitConsole(uid, console -> counter(console) > counted, "a counter that goes on");
    }

    private void assertNothingIsLeft(String uid, String host) {
        await("nothing of the VM is left on " + host)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(lab.exec(
                                host, "find", "/var/lib/libvirt", "/run/trusted-launch", "-name", "*" + uid + "*"))
                        .isBlank());
    }

    private String other(String host) {
        List<String> hosts = lab.hosts();
        return hosts.get(1 - hosts.indexOf(host));
    }

    /** The last that the guest counted; 0: nothing yet. */
    private static int counter(String console) {
        int last = 0;
        Matcher matcher = COUNTER.matcher(console);
        while (matcher.find()) {
            last = Integer.parseInt(matcher.group(1));
        }
        return last;
    }
}
