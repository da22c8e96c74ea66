package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.api.VMMigrationStatus;
import java.time.Duration;
import java.util.List;

/** A VM whose guest counts, in its memory and in its TPM, so that it shows whether it is one guest and the same one. */
final class MovingGuest {
    private final Stage stage;
    private final String name;
    private final String uid;
    private int asked;

    private MovingGuest(Stage stage, String name) {
        this.stage = stage;
        this.name = name;
        this.uid = stage.uid(name);
    }

    /**
     * Returns when it counts, and can move.
     *
     * @param proofs what the guest is to do besides, a command each
     */
    static MovingGuest start(Stage stage, String name, String... proofs) {
        return start(stage, stage.vm(name), proofs);
    }

    static MovingGuest start(Stage stage, VmDraft draft, String... proofs) {
        String name = draft.name();
        StringBuilder commands = new StringBuilder("#cloud-config\n");
        for (String proof : proofs) {
            commands.append("# proof: ").append(proof).append('\n');
        }
        stage.userData(name + "-init", commands + "# proof: counter\n# proof: nv-count\n");
        stage.create(draft.userData(name + "-init").impatient());
        stage.awaitRunning(name);
        MovingGuest guest = new MovingGuest(stage, name);
        guest.awaitCounting();
        guest.awaitMigratable();
        return guest;
    }

    String uid() {
        return uid;
    }

    TrustedLaunchVM vm() {
        return stage.get(name);
    }

    String host() {
        return vm().getStatus().nodeName();
    }

    String otherHost() {
        List<String> hosts = stage.lab.hosts();
        return hosts.get(1 - hosts.indexOf(host()));
    }

    void awaitMigratable() {
        stage.awaitReason(name, ConditionType.Migratable, Reason.Migratable);
    }

    VMMigration ask() {
        VMMigration move = new VMMigration();
        move.setMetadata(Stage.meta(name + "-" + ++asked, stage.namespace));
        move.setSpec(new VMMigrationSpec(new ObjectRef(name), null));
        return stage.create(move);
    }

    VMMigrationStatus awaitEnd(VMMigration move) {
        return await("the move to end")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> stage.client.resource(move).get().getStatus(),
                        now -> now != null && now.endedAt() != null);
    }

    /** Returns when the VM is as its spec asks for: one domain of one life, whose guest goes on. */
    void awaitSettled() {
        stage.awaitRunning(name);
        await("one life of VM " + name)
                .atMost(Stage.PATIENCE)
                .until(() -> stage.incarnations(uid).size() == 1);
        await("one domain of VM " + name)
                .atMost(Stage.PATIENCE)
                .until(() -> stage.lab.hostsWithDomain(uid).equals(List.of(host())));
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(host());
        awaitCounting();
    }

    void awaitCounting() {
        int counted = history().counter();
        stage.awaitConsole(uid, console -> new GuestHistory(console).counter() > counted + 1, "a counter that goes on");
    }

    /** It was started once, said every number once at most, and its TPM never went back. */
    void assertOneHistory() {
        assertThat(history().fault()).isEmpty();
    }

    private GuestHistory history() {
        return new GuestHistory(stage.console(uid));
    }
}
