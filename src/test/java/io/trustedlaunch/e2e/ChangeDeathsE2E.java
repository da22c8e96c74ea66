package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.HostProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Operator, agent, libvirtd and QEMU die, one after the other, while a guest that runs is given a disk. By itself, it gets each disk
 * once, and keeps its TPM.
 */
class ChangeDeathsE2E {
    private static final String GUEST = "guest";
    private static final String HOST = "host-a";
    private static final String OPERATOR = "operator-1";
    private static final String AGENT = "agent-" + HOST;

    /** What libvirtd logs when it is asked for it. */
    private static final String ATTACHES = "API=remoteDispatchDomainAttachDeviceFlags";

    private static final String GROWS = "API=remoteDispatchDomainBlockResize";

    private final List<String> wanted = new ArrayList<>();
    private String size = "64Mi";

    private record Armed(String component, Failpoint point) {}

    @Test
    void aGuestGetsEachDiskOnceWhoeverDies() throws InterruptedException {
        try (Stage stage = Stage.open("change-deaths")) {
            stage.create(stage.vmInFirmware(GUEST).onNodesWith("kubernetes.io/hostname", HOST));
            TrustedLaunchVM first = stage.awaitRunning(GUEST);
            String uid = first.identity();

            List<Armed> armed = List.of(
                    new Armed(OPERATOR, Failpoint.OPERATOR_DEVICES_REQUESTED),
                    new Armed(AGENT, Failpoint.AGENT_DISK_ADDED),
                    new Armed(AGENT, Failpoint.AGENT_DISKS_LISTED),
                    new Armed(AGENT, Failpoint.AGENT_DEVICES_CHANGED));
            armed.forEach(one -> stage.lab.arm(one.component(), one.point()));
            add(stage, "one");
            stage.awaitDataDisks(GUEST, "one.1");
            assertThat(armed)
                    .as("failpoints that were not passed")
                    .noneMatch(one -> stage.lab.isArmed(one.component(), one.point()));

            Process attaching = stage.lab.when(HOST, ATTACHES, "libvirtd", HOST, "kill", "--for", "3");
            add(stage, "two");
            stage.awaitDataDisks(GUEST, "one.1", "two.1");
            awaitEnd(attaching);

            Process growing = stage.lab.when(HOST, GROWS, "libvirtd", HOST, "kill", "--for", "3");
            size = "96Mi";
            want(stage);
            stage.awaitVm(
                    GUEST,
                    "larger disks",
                    vm -> vm.getStatus().dataDisks().stream()
                            .allMatch(disk -> disk.size().toString().equals(size)));
            TrustedLaunchVM changed = stage.awaitDataDisks(GUEST, "one.1", "two.1");
            awaitEnd(growing);
            assertThat(changed.getStatus().epoch()).as("it was not restarted").isEqualTo(1);
            assertHas(stage, uid, "one.1", "two.1");

            Process ending = stage.lab.when(
                    HOST,
                    ATTACHES,
                    "exec",
                    HOST,
                    "--",
                    "kill",
                    "-KILL",
                    String.valueOf(HostProcess.qemuOf(UUID.fromString(uid)).pid()));
            add(stage, "three");
            awaitEnd(ending);
            stage.awaitRunningAfter(GUEST, 1);
            TrustedLaunchVM again = stage.awaitDataDisks(GUEST, "one.1", "two.1", "three.1");
            assertHas(stage, uid, "one.1", "two.1", "three.1");
            assertThat(again.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            assertThat(again.getStatus().removedDisks()).isEmpty();
        }
    }

    private void add(Stage stage, String disk) {
        wanted.add(disk);
        want(stage);
    }

    private void want(Stage stage) {
        stage.patchSpec(
                GUEST,
                wanted.stream()
                        .map(disk -> "{\"name\": \"" + disk + "\", \"size\": \"" + size + "\"}")
                        .collect(Collectors.joining(", ", "{\"dataDisks\": [", "]}")));
    }

    /** Once each, as libvirt has it. */
    private static void assertHas(Stage stage, String uid, String... disks) {
        String domain = stage.lab.exec(HOST, "virsh", "dumpxml", uid);
        assertThat(domain.lines()
                        .map(String::strip)
                        .filter(line -> line.startsWith("<serial>"))
                        .map(line -> line.replaceAll("</?serial>", ""))
                        .filter(serial -> !serial.equals("os"))
                        .toList())
                .containsExactlyInAnyOrder(disks);
    }

    private static void awaitEnd(Process command) throws InterruptedException {
        assertThat(command.waitFor(Stage.TIMEOUT.toMinutes(), TimeUnit.MINUTES))
                .as("the moment came")
                .isTrue();
        assertThat(command.exitValue()).isZero();
    }
}
