package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.e2e.HostDeath.ControllerFault;
import io.trustedlaunch.testkit.GuestWatch;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
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
    @Tag("campaign")
    void aHostThatHangsLosesItsPowerBeforeItsGuestStartsElsewhere() {
        startElsewhereAfter("freeze");
    }

    /** The host is cut off from the API server, and runs its guest. Its controller is asked to cut its power, and lies. */
    @Test
    @Tag("campaign")
    void aControllerThatLiesStartsNoSecondGuest() {
        try (Stage stage = Stage.open("power-lie");
                ManagementControllers controllers = ManagementControllers.withFencer(stage)) {
            String written = UUID.randomUUID().toString();
            stage.commands("init", "data-read", "data-write " + written, "nv-count");
            stage.create(stage.vm(GUEST).dataDisk("data", "64Mi").userData("init"));
            TrustedLaunchVM before = stage.awaitRunning(GUEST);
            String uid = before.identity();
            String alive = before.getStatus().nodeName();
            CountingTpm counting = new CountingTpm(stage, uid);
            counting.awaitSealed();
            controllers.mayBeOff(alive);
            try (GuestWatch watch = GuestWatch.of(stage.lab, uid)) {
                stage.lab.run("link", alive, "down").orFail();
                passForAnotherMachine(stage, controllers, alive);

                controllers.fail(List.of(ControllerFault.LIE));
                NodeStatements words = new NodeStatements(stage);
                words.cutPower(alive);
                words.awaitFence(alive, Phase.Proved);
                awaitMoreWrites(stage, alive);
                assertThat(stage.lab.hostsRunning(uid)).containsExactly(alive);
                int sealed = counting.awaitSealed();
                stage.lab.run("host", alive, "crash").orFail();

                TrustedLaunchVM after = stage.awaitRunning(GUEST);
                assertThat(after.getStatus().nodeName()).isEqualTo(stage.lab.otherHost(alive));
                assertThat(after.getStatus().vTPM())
                        .isEqualTo(before.getStatus().vTPM());
                counting.awaitBoot(2, sealed);
                assertThat(stage.console(uid)).contains("PROOF data=" + written);
                assertThat(watch.twoAtOnce()).isEmpty();
                words.withdraw(alive);
            }
        }
    }

    /** It is in the host before it switches, and in another machine afterwards. */
    private static void passForAnotherMachine(Stage stage, ManagementControllers controllers, String node) {
        controllers.fail(List.of(ControllerFault.SWAP));
        NodeStatements words = new NodeStatements(stage);
        words.cutPower(node);
        words.awaitFence(node, Phase.Failed);
        assertThat(stage.client.resources(NodeFence.class).list().getItems())
                .filteredOn(fence -> fence.getSpec().nodeName().equals(node))
                .extracting(fence -> fence.getStatus().message())
                .anyMatch(message -> message.contains("and is now in " + machine(stage, stage.lab.otherHost(node))));
        words.withdraw(node);
        words.awaitForgotten(node);
    }

    /** The VM waits, and says until when, which is later with each write of the host. */
    private static void awaitMoreWrites(Stage stage, String node) {
        Set<String> messages = new HashSet<>();
        stage.awaitVm(GUEST, "waiting for the host to write nothing, more than once", vm -> {
            Stage.condition(vm, ConditionType.Ready)
                    .filter(ready -> ready.getReason().equals(Reason.AwaitingFence.name()))
                    .ifPresent(ready -> messages.add(ready.getMessage()));
            return messages.size() > 1;
        });
        assertThat(messages)
                .allMatch(message -> message.contains(node + "'s agent writes nothing")
                        && message.endsWith("power it off by hand, and check its FenceDevice"));
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
