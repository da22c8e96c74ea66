package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.agent.libvirt.InsideAHost;
import io.trustedlaunch.agent.libvirt.LibvirtSettings;
import io.trustedlaunch.agent.libvirt.LibvirtSettingsBuilder;
import io.trustedlaunch.agent.libvirt.SocketProxy;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * While a backup is made by the real libvirt and QEMU, one of the parts fails at a failpoint. The guest never stays paused,
 * no backup counts that is not whole, and the next one is right. {@code -Dfaults.every=true}: each part at each failpoint.
 */
@InsideAHost
class BackupFaultsIT {
    private static final boolean EVERY = Boolean.getBoolean("faults.every");
    private static final String LOCATION = "backups";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** But what is passed only with a guest agent. */
    private static final List<Failpoint> POINTS = Arrays.stream(Failpoint.values())
            .filter(point -> point.id().startsWith("backup."))
            .filter(point -> point != Failpoint.BACKUP_FREEZE_RECORDED)
            .toList();

    @TempDir
    private Path sockets;

    private SocketProxy libvirtd;
    private BackupHost on;

    /** The death of the agent: no handler catches it. */
    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    private enum Victim {
        AGENT,
        /** Its connections break; the job and the guest go on. */
        LIBVIRTD,
        QEMU,
        STORE
    }

    private record Fault(Victim victim, Failpoint point) {}

    /** Where each leaves the most behind: a paused guest, a job, half of the files, a backup that is not reported. */
    private static final List<Fault> SOME = List.of(
            new Fault(Victim.LIBVIRTD, Failpoint.BACKUP_PAUSE_RECORDED),
            new Fault(Victim.QEMU, Failpoint.BACKUP_TAKEN),
            new Fault(Victim.STORE, Failpoint.BACKUP_COPIED),
            new Fault(Victim.AGENT, Failpoint.BACKUP_COMMITTED));

    @BeforeEach
    void startGuest() throws IOException {
        Path socket = sockets.resolve("libvirt");
        libvirtd = new SocketProxy(socket, Path.of("/run/libvirt/libvirt-sock"));
        LibvirtSettings system = LibvirtSettings.system();
        on = new BackupHost(LibvirtSettingsBuilder.builder(system)
                .uri("qemu+unix:///system?socket=" + socket)
                .layout(WorkingCopyLayout.system())
                .connectTimeout(Duration.ofSeconds(2))
                .reconnectInterval(Duration.ofMillis(200))
                .build());
    }

    @AfterEach
    void cleanUp() throws IOException {
        on.close();
        libvirtd.close();
    }

    @Test
    void faultsHarmNeitherGuestNorBackups() throws IOException {
        play(EVERY ? everyFault() : SOME);
    }

    private static List<Fault> everyFault() {
        return Arrays.stream(Victim.values())
                .flatMap(victim -> POINTS.stream().map(point -> new Fault(victim, point)))
                .toList();
    }

    private void play(List<Fault> faults) throws IOException {
        write("write -P 1 0 60M");
        on.backUp(LOCATION);
        int completed = 0;
        for (int i = 0; i < faults.size(); i++) {
            write("write -P " + pattern(i) + " " + i + "M 64k");
            completed += play(faults.get(i), i) ? 1 : 0;
        }
        System.out.println(
                "BACKUP FAULTS: " + faults.size() + ", of which " + completed + " hit a backup that was whole");
    }

    /** What a guest has not flushed may be lost when its QEMU is killed. */
    private void write(String command) {
        on.write(0, command);
        on.write(0, "flush");
    }

    /** Returns whether the backup was completed nevertheless. */
    private boolean play(Fault fault, int i) throws IOException {
        boolean[] happened = {false};
        on.at = point -> {
            if (fault.point() == Failpoint.BACKUP_PAUSE_RECORDED && point == Failpoint.BACKUP_BEGUN && on.runs()) {
                // So that it is paused.
                on.writeTpm("again");
            }
            if (point == fault.point() && !happened[0]) {
                happened[0] = true;
                happen(fault.victim());
            }
        };
        BackupRun run = on.request(LOCATION);
        try {
            on.pass();
        } catch (Died e) {
            on.startAgent();
        }
        assertThat(happened[0]).as(fault.toString()).isTrue();
        heal();
        await(fault.toString()).atMost(TIMEOUT).until(() -> {
            on.pass();
            return on.records().all().isEmpty();
        });
        assertThat(on.runs()).as(fault + ": the guest runs").isTrue();
        // A QEMU that does not answer in time counts as one that has a job.
        await(fault + ": no job")
                .atMost(TIMEOUT)
                .until(() -> on.libvirt.backups().job(on.vm).isEmpty());
        assertThat(on.staged()).as(fault.toString()).isEmpty();
        RunPhase phase = BackupHost.status(run).phase();
        assertThat(phase).as(fault + ": " + BackupHost.status(run)).isIn(RunPhase.Completed, RunPhase.Failed);
        if (phase == RunPhase.Completed) {
            on.assertWhole(run, LOCATION);
        }
        BackupRun next = on.backUp(LOCATION);
        on.assertWhole(next, LOCATION);
        assertContent(next, i);
        return phase == RunPhase.Completed;
    }

    private void happen(Victim victim) {
        try {
            switch (victim) {
                case AGENT -> throw new Died();
                case LIBVIRTD -> libvirtd.kill();
                case QEMU -> on.killQemu();
                case STORE -> Files.move(on.location(LOCATION), away());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void heal() throws IOException {
        on.at = point -> {};
        if (Files.exists(away())) {
            Files.move(away(), on.location(LOCATION));
        }
        libvirtd.kill();
        libvirtd.start();
        await("libvirt").atMost(TIMEOUT).ignoreExceptions().until(() -> on.libvirt.domains() != null);
        if (on.libvirt.find(on.vm).isEmpty()) {
            on.restartGuest();
        }
    }

    private Path away() {
        return on.location("away");
    }

    private static int pattern(int i) {
        return i % 200 + 2;
    }

    /** The newest backup has all that was written. */
    private void assertContent(BackupRun newest, int i) throws IOException {
        on.assertContent(
                LOCATION,
                DiskName.ROOT,
                newest,
                IntStream.rangeClosed(0, i + 1)
                        .mapToObj(block -> "read -P " + (block > i ? 1 : pattern(block)) + " " + block + "M 64k")
                        .toArray(String[]::new));
    }
}
