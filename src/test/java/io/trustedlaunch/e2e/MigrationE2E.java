package io.trustedlaunch.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.testkit.Lab;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest between two hosts, with their own agents, libvirt and QEMU; the operator's part is played. */
class MigrationE2E {
    private static final String GUEST = "guest";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern COUNTER = Pattern.compile("PROOF counter=(\\d+)");

    private final Lab lab = Lab.fromEnvironment();

    @BeforeEach
    void startOperator() {
        lab.run("operator", "start").orFail();
    }

    @AfterEach
    void restartOperator() {
        lab.run("operator", "start").orFail();
    }

    @Test
    void aGuestGoesOnOnAnotherHostWithItsTpmAndThenStays() {
        try (Stage stage = Stage.open("move")) {
            String secret = UUID.randomUUID().toString();
            String userData = "#cloud-config\n# proof: nv-write " + secret + "\n# proof: counter\n";
            stage.userData("init", userData);
            stage.create(stage.vm(GUEST).userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            stage.awaitConsole(uid, console -> counter(console) >= 2, "a counter that counts");
            String source = before.getStatus().nodeName();
            String target = other(source);
            lab.run("operator", "stop").orFail();

            PlayedMover move = new PlayedMover(stage, before, target);
            move.prepare(Map.of("user-data", userData.getBytes(UTF_8)));
            move.depart(false);
            VMIncarnationStatus left = move.awaitCourse(Course.Left);
            assertThat(left.exit()).isEqualTo(Exit.Migrated);
            assertThat(left.guestState().complete()).isFalse();
            VMIncarnationStatus there = move.awaitRunning();
            assertThat(there.ekDigest()).isEqualTo(before.getStatus().vTPM().ekDigest());
            assertThat(lab.hostsWithDomain(uid)).containsExactly(target);

            int counted = counter(stage.console(uid));
            stage.awaitConsole(uid, console -> counter(console) > counted, "a counter that goes on");
            assertThat(stage.console(uid).split("PROOF boot=", -1))
                    .as("it was not started again")
                    .hasSize(2);

            move.followTheGuest();
            assertNothingIsLeft(uid, source);
            lab.run("operator", "start").orFail();
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            assertThat(after.getStatus().nodeName()).isEqualTo(target);
            assertThat(after.getStatus().epoch()).isEqualTo(before.getStatus().epoch() + 1);

            stage.setRunStrategy(GUEST, io.trustedlaunch.api.RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            stage.setRunStrategy(GUEST, io.trustedlaunch.api.RunStrategy.Always);
            stage.awaitRunning(GUEST);
            stage.awaitConsole(
                    uid,
                    console -> console.lastIndexOf("PROOF nv=" + secret) > console.lastIndexOf("PROOF boot="),
                    "the secret of its first boot");
        }
    }

    @Test
    void aGuestThatCannotMoveStaysAndTheOtherHostForgetsIt() {
        try (Stage stage = Stage.open("stay")) {
            String userData = "#cloud-config\n# proof: counter\n";
            stage.userData("init", userData);
            stage.create(stage.vm(GUEST).userData("init").impatient());
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);
            String uid = vm.identity();
            String source = vm.getStatus().nodeName();
            String target = other(source);
            stage.awaitConsole(uid, console -> counter(console) >= 2, "a counter that counts");
            lab.run("operator", "stop").orFail();
            PlayedMover move = new PlayedMover(stage, vm, target);
            move.prepare(Map.of("user-data", userData.getBytes(UTF_8)));

            lab.exec(target, "mv", "/etc/pki/qemu/server-cert.pem", "/etc/pki/qemu/away");
            try {
                move.depart(false);
                VMIncarnationStatus stayed = move.awaitCourse(Course.Stayed);
                assertThat(stayed.departure().message()).containsIgnoringCase("certificate");
            } finally {
                lab.exec(target, "mv", "/etc/pki/qemu/away", "/etc/pki/qemu/server-cert.pem");
            }
            move.takeBack();

            assertThat(lab.hostsRunning(uid)).containsExactly(source);
            assertThat(lab.hostsWithDomain(uid)).containsExactly(source);
            assertNothingIsLeft(uid, target);
            int counted = counter(stage.console(uid));
            stage.awaitConsole(uid, console -> counter(console) > counted, "a counter that goes on");
            lab.run("operator", "start").orFail();
            assertThat(stage.awaitRunning(GUEST).getStatus().epoch())
                    .isEqualTo(vm.getStatus().epoch());
        }
    }

    private static void assertNothingIsLeft(Lab lab, String uid, String host) {
        assertThat(lab.exec(host, "find", "/var/lib/libvirt", "/run/trusted-launch", "-name", "*" + uid + "*"))
                .as("files of the VM on " + host)
                .isBlank();
    }

    private void assertNothingIsLeft(String uid, String host) {
        await().atMost(PATIENCE).untilAsserted(() -> assertNothingIsLeft(lab, uid, host));
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
