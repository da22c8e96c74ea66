package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.disks.QemuImg;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.DomainSpecBuilder;
import io.trustedlaunch.agent.domain.NbdBacking;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.UnfilledDisk;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that the real libvirt and QEMU fill while its guest runs. */
@InsideAHost
class LibvirtFillsIT {
    private static final int BYTES = 64 << 20;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final TpmSecret SECRET = TpmSecret.of(
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".getBytes(StandardCharsets.US_ASCII));

    private final UUID vm = UUID.randomUUID();
    private final FillBacking backing = FillBacking.ofOsDisk(UUID.randomUUID());
    private final HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
    private TestHost host;
    private LibvirtHypervisor libvirt;
    private Path content;
    private Path socket;
    private Process server;

    @BeforeEach
    void serve() throws IOException {
        host = new TestHost();
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
        byte[] bytes = new byte[BYTES];
        new Random(7).nextBytes(bytes);
        content = Files.write(host.folder().resolve("content.raw"), bytes);
        socket = host.folder().resolve("sockets").resolve("nbd");
        account.makeOwn(socket.getParent());
        startServer();
    }

    private void startServer() throws IOException {
        Files.deleteIfExists(socket);
        server = new ProcessBuilder(
                        "qemu-nbd",
                        "--read-only",
                        "--persistent",
                        "--shared=0",
                        "--format=raw",
                        "--export-name=root",
                        "--socket=" + socket,
                        content.toString())
                .inheritIO()
                .start();
        await().atMost(LONGEST).until(() -> Files.exists(socket));
        Files.setOwner(socket, account.user());
    }

    @AfterEach
    void cleanUp() throws IOException {
        libvirt.destroy(vm);
        libvirt.eraseState(vm);
        libvirt.close();
        server.destroyForcibly().onExit().join();
        host.close();
    }

    private DomainSpec start() {
        DomainSpec whole = host.emptyQcow2(vm, 1, BYTES);
        new QemuImg(LONGEST, LONGEST, account).setBacking(whole.osDisk().path(), backing);
        DomainSpec spec = DomainSpecBuilder.builder(whole)
                .osDisk(whole.osDisk().filledFrom(new NbdBacking(socket, backing.disk())))
                .build();
        libvirt.prepareVariables(spec);
        host.manufacture(vm, SECRET);
        libvirt.createPaused(spec, SECRET);
        libvirt.resume(vm);
        return spec;
    }

    private void awaitFilled() {
        await().atMost(LONGEST).until(() -> libvirt.unfilled(vm).isEmpty());
    }

    /** Without the pause its last content would be lost with QEMU, although its header looks whole. */
    @Test
    void aDiskIsFilledAndSurvivesASuddenEndOfQemuOnceItsGuestWasPaused() throws IOException {
        DomainSpec spec = start();
        Path disk = spec.osDisk().path();
        assertThat(libvirt.unfilled(vm)).containsExactly(new UnfilledDisk(disk, Optional.empty()));

        libvirt.pull(vm, disk);
        libvirt.pull(vm, disk);
        awaitFilled();
        libvirt.pull(vm, disk);
        assertThat(new GuestPause(libvirt).during(vm, Duration.ofSeconds(10), () -> {}))
                .isTrue();
        host.qemu(spec).destroyForcibly();
        await().atMost(LONGEST).until(() -> libvirt.find(vm).isEmpty());

        assertThat(ImageInspector.backingOfQcow2(disk)).isEmpty();
        QemuImages.qemuImg("compare", "-f", "qcow2", "-F", "raw", disk.toString(), content.toString());
    }

    /** It never gets an error of a disk that its backup has. QEMU connects anew with the request after the one that failed. */
    @Test
    void aGuestWhoseServerDiesStandsStillAndGoesOnWithTheNextOne() throws IOException {
        DomainSpec spec = start();
        server.destroyForcibly().onExit().join();
        await().atMost(LONGEST)
                .until(() -> libvirt.find(vm)
                        .orElseThrow()
                        .state()
                        .equals(new DomainState.Paused(DomainState.PauseReason.IO_ERROR)));

        startServer();
        await().atMost(LONGEST).until(() -> {
            libvirt.resume(vm);
            libvirt.pull(vm, spec.osDisk().path());
            return libvirt.unfilled(vm).isEmpty();
        });
        libvirt.resume(vm);

        assertThat(libvirt.find(vm).orElseThrow().state()).isInstanceOf(DomainState.Running.class);
    }
}
