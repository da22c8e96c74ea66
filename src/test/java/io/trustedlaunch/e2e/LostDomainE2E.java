package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.HostProcess;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * A libvirtd that cannot read the status of a domain when it starts loses it, while its guest runs on: libvirt 9.0 writes one that
 * it cannot read while it begins a backup.
 */
class LostDomainE2E {
    private static final String GUEST = "guest";

    @Test
    void aGuestWhoseDomainIsLostIsTheOnlyOneOfItsVmUntilItsProcessEnds() {
        try (Stage stage = Stage.open("lost-domain")) {
            stage.awaitShared();
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);
            String uid = vm.identity();
            String host = vm.getStatus().nodeName();
            HostProcess qemu = HostProcess.qemuOf(UUID.fromString(uid));

            stage.lab.run("libvirtd", host, "kill").orFail();
            stage.lab.exec(host, "truncate", "--size=0", "/run/libvirt/qemu/" + uid + ".xml");
            stage.lab.run("libvirtd", host, "start").orFail();

            assertThat(stage.lab.exec(host, "virsh", "list", "--all", "--uuid")).doesNotContain(uid);
            TrustedLaunchVM lost = stage.awaitNotReady(GUEST, Reason.DomainLost, "kill " + qemu.pid());
            assertThat(Stage.condition(lost, ConditionType.Running).map(Condition::getStatus))
                    .contains("True");
            assertThat(stage.incarnations(uid)).hasSize(1);
            assertThat(qemu.process().isAlive()).isTrue();

            qemu.kill();

            TrustedLaunchVM again =
                    stage.awaitRunningAfter(GUEST, vm.getStatus().epoch());
            assertThat(again.getStatus().vTPM()).isEqualTo(vm.getStatus().vTPM());
        }
    }
}
