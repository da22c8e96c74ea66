package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The host under a guest dies or hangs, and nobody says so: its management controller proves that it is off. */
@LabOrder(LabOrder.Place.FIRST)
class PowerFencingE2E {
    private static final String GUEST = "payroll";

    @Test
    void aGuestStartsElsewhereWhenItsHostHasLostItsPower() {
        startElsewhereAfter("crash");
    }

    @Test
    void aHostThatHangsLosesItsPowerBeforeItsGuestStartsElsewhere() {
        startElsewhereAfter("freeze");
    }

    private static void startElsewhereAfter(String fault) {
        try (Stage stage = Stage.open("power-" + fault);
                ManagementControllers controllers = ManagementControllers.withFencer(stage)) {
            String secret = UUID.randomUUID().toString();
            stage.commands("init", "nv-write " + secret, "counter");
            stage.create(stage.vm(GUEST).userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            String dead = before.getStatus().nodeName();
            String living = stage.lab.otherHost(dead);
            stage.awaitConsole(uid, console -> console.contains("PROOF counter=2"), "its counter");
            controllers.fenceAutomatically(dead);

            long start = System.nanoTime();
            stage.lab.run("host", dead, fault).orFail();

            await("the VM to be given to " + living)
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.get(GUEST).getStatus().nodeName(), living::equals);
            TrustedLaunchVM after = stage.awaitRunning(GUEST);
            System.out.printf(
                    "%s of the host to Running on the other: %d s%n",
                    fault, Duration.ofNanos(System.nanoTime() - start).toSeconds());
            assertThat(after.getStatus().nodeName()).isEqualTo(living);
            assertThat(after.getStatus().vTPM()).isEqualTo(before.getStatus().vTPM());
            NodeFence fence = stage.client
                    .resources(NodeFence.class)
                    .withName(after.getStatus().failover().fence())
                    .get();
            assertThat(fence.getSpec().method()).isEqualTo(Method.Power);
            assertThat(fence.getSpec().automatic()).isTrue();
            assertThat(fence.getStatus().phase()).isEqualTo(Phase.Proved);
            assertThat(fence.getStatus().proof().source()).isEqualTo("fence_redfish");
            assertThat(fence.getStatus().proof().machineUUID()).isEqualTo(machine(stage, dead));
            assertThat(guests(uid)).isEqualTo(1);
            stage.awaitConsole(uid, console -> console.contains("PROOF nv=" + secret), "the secret of its TPM");

            controllers.switchOn(dead);
            await("the fence to be released")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.client.resource(fence).get().getStatus().phase(), Phase.Released::equals);
            await("what was left on " + dead + " to be cleaned up")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.incarnations(uid).size() == 1);
            assertThat(stage.lab.hostsWithDomain(uid)).isEqualTo(List.of(living));
        }
    }

    private static String machine(Stage stage, String node) {
        return stage.client
                .resources(ClusterNode.class)
                .withName(node)
                .get()
                .getSpec()
                .machineUUID();
    }

    /** On all hosts, since they share this kernel; a frozen one counts. */
    private static long guests(String uid) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes.filter(process -> runs(process, uid)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean runs(Path process, String uid) {
        try {
            String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return line.contains("qemu-system") && line.contains("-uuid\0" + uid);
        } catch (IOException e) {
            // It is no process, or has ended.
            return false;
        }
    }
}
