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
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A VM whose guest counts, in its memory and in its TPM, so that it shows whether it is one guest and the same one. */
final class MovingGuest {
    private static final int KEPT_MEBIBYTES = 16;

    private final Stage stage;
    private final String name;
    private final String uid;
    /** Empty: its folder is one that both hosts have. */
    private final Optional<ConsoleTrail> trail;

    private int asked;

    private MovingGuest(Stage stage, String name, boolean local) {
        this.stage = stage;
        this.name = name;
        this.uid = stage.uid(name);
        this.trail = local ? Optional.of(new ConsoleTrail(stage, uid)) : Optional.empty();
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
        MovingGuest guest = counting(stage, draft, false, proofs);
        guest.awaitMigratable();
        return guest;
    }

    /** Returns when it counts; it may have nowhere to go. */
    static MovingGuest startCounting(Stage stage, String name) {
        return counting(stage, stage.vm(name), false);
    }

    /** Its folder is on its host alone; it reads its data disk again and again. */
    static MovingGuest startWithLocalDisks(Stage stage, String name) {
        VmDraft draft = stage.vm(name).location(Stage.LOCAL_LOCATION).dataDisk("data", "64Mi");
        MovingGuest guest = counting(stage, draft, true, "data-keep " + KEPT_MEBIBYTES);
        guest.awaitMigratable();
        return guest;
    }

    private static MovingGuest counting(Stage stage, VmDraft draft, boolean local, String... proofs) {
        String name = draft.name();
        StringBuilder commands = new StringBuilder("#cloud-config\n");
        for (String proof : proofs) {
            commands.append("# proof: ").append(proof).append('\n');
        }
        stage.userData(name + "-init", commands + "# proof: counter\n# proof: nv-count\n");
        stage.create(draft.userData(name + "-init").impatient());
        stage.awaitRunning(name);
        MovingGuest guest = new MovingGuest(stage, name, local);
        guest.awaitCounting();
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

    /** Returns when the guest runs on one host, whatever is still to be cleared up on the other. */
    void awaitGoingOn() {
        stage.awaitRunning(name);
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(host());
        awaitCounting();
    }

    void awaitCounting() {
        GuestHistory before = history();
        await("a guest that goes on counting")
                .atMost(Stage.PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> isCountingSince(before));
    }

    private boolean isCountingSince(GuestHistory before) {
        GuestHistory now = history();
        return now.counter() > before.counter() + 1 && (trail.isEmpty() || now.dataCounter() > before.dataCounter());
    }

    /** Of a guest with local disks: only the host that it is on has anything of them. */
    void awaitNothingLeftBehind() {
        if (trail.isPresent()) {
            await("no folder of VM " + name + " but on " + host())
                    .atMost(Stage.PATIENCE)
                    .until(() -> hostsWithFolder().equals(List.of(host())));
        }
    }

    private List<String> hostsWithFolder() {
        return stage.lab.hosts().stream()
                .filter(host -> Files.exists(Stage.localFolder(stage.lab, host, uid)))
                .toList();
    }

    /** It was started once, said every number once at most, and neither its TPM nor its disk ever went back. */
    void assertOneHistory() {
        assertThat(history().fault()).isEmpty();
    }

    private GuestHistory history() {
        return new GuestHistory(trail.map(ConsoleTrail::text).orElseGet(() -> stage.console(uid)));
    }
}
