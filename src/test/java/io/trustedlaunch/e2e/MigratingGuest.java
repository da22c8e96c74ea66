package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A VM whose guest counts in its memory and in its TPM, which shows whether it is still one and the same guest. */
final class MigratingGuest {
    private static final int KEPT_MEBIBYTES = 16;

    private final Stage stage;
    private final String name;
    private final String uid;
    /** Whether each host has its own folder for the VM. */
    private final boolean local;

    private int migrations;

    private MigratingGuest(Stage stage, String name, boolean local) {
        this.stage = stage;
        this.name = name;
        this.uid = stage.uid(name);
        this.local = local;
    }

    /**
     * Returns when the guest counts and can migrate.
     *
     * @param commands further commands for the proof guest
     */
    static MigratingGuest start(Stage stage, String name, String... commands) {
        return start(stage, stage.vm(name), commands);
    }

    static MigratingGuest start(Stage stage, VmBuilder vm, String... commands) {
        MigratingGuest guest = startCounting(stage, vm, false, commands);
        guest.awaitMigratable();
        return guest;
    }

    /** Returns when the guest counts; there may be no node that it can migrate to. */
    static MigratingGuest startCounting(Stage stage, String name) {
        return startCounting(stage, stage.vm(name), false);
    }

    /** The VM's folder is local to its host, and the guest keeps checking its data disk. */
    static MigratingGuest startWithLocalDisks(Stage stage, String name) {
        VmBuilder vm = stage.vm(name).location(Stage.LOCAL_LOCATION).dataDisk("data", "64Mi");
        MigratingGuest guest = startCounting(stage, vm, true, "data-keep " + KEPT_MEBIBYTES);
        guest.awaitMigratable();
        return guest;
    }

    private static MigratingGuest startCounting(Stage stage, VmBuilder vm, boolean local, String... commands) {
        String name = vm.name();
        stage.commands(
                name + "-init",
                Stream.concat(Arrays.stream(commands), Stream.of("counter", "nv-count"))
                        .toArray(String[]::new));
        stage.create(vm.userData(name + "-init").shortGracePeriod());
        stage.awaitRunning(name);
        MigratingGuest guest = new MigratingGuest(stage, name, local);
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
        return stage.lab.otherHost(host());
    }

    void awaitMigratable() {
        stage.awaitReason(name, ConditionType.Migratable, Reason.Migratable);
    }

    VMMigration migrate() {
        return stage.migrate(name, name + "-" + ++migrations);
    }

    VMMigrationStatus awaitEnd(VMMigration migration) {
        return stage.awaitEnd(migration);
    }

    /** Returns when the VM has one incarnation and one domain, and the guest counts. */
    void awaitSettled() {
        stage.awaitRunning(name);
        await("one incarnation of VM " + name)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.incarnations(uid).size() == 1);
        await("one domain of VM " + name)
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.lab.hostsWithDomain(uid).equals(List.of(host())));
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(host());
        awaitCounting();
    }

    /** Returns when the guest runs on one host; the other host may not be cleaned up yet. */
    void awaitRunning() {
        stage.awaitRunning(name);
        assertThat(stage.lab.hostsRunning(uid)).containsExactly(host());
        awaitCounting();
    }

    void awaitCounting() {
        GuestHistory before = history();
        await("the guest to count")
                .atMost(Stage.TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> isCountingSince(before));
    }

    private boolean isCountingSince(GuestHistory before) {
        GuestHistory now = history();
        return now.counter() > before.counter() + 1 && (!local || now.dataCounter() > before.dataCounter());
    }

    /** With local disks, returns when no other host has the VM's folder. */
    void awaitNothingLeftBehind() {
        if (local) {
            await("the folder of VM " + name + " to be on " + host() + " alone")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> hostsWithFolder().equals(List.of(host())));
        }
    }

    private List<String> hostsWithFolder() {
        return stage.lab.hosts().stream()
                .filter(host -> Files.exists(Stage.localFolder(stage.lab, host, uid)))
                .toList();
    }

    /** Asserts that the guest never restarted, printed no number twice, and that neither its TPM nor its disk went back. */
    void assertConsistent() {
        assertThat(history().inconsistency())
                .as("VM " + name + " in epoch " + vm().getStatus().epoch() + ", after " + migrations + " migrations")
                .isEmpty();
    }

    private GuestHistory history() {
        return new GuestHistory(stage.console(uid));
    }
}
