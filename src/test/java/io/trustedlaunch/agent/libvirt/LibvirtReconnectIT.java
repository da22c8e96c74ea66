package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** libvirtd stops, starts or hangs, and guests keep running. */
@InsideAHost
@Timeout(300)
class LibvirtReconnectIT {
    private static final TpmSecret SECRET =
            TpmSecret.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    /** Generous for a busy machine; not a measurement. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final UUID vm = UUID.randomUUID();
    private TestHost host;
    /** Not through the proxy, with an agent's timeouts. */
    private LibvirtHypervisor direct;

    private SocketProxy proxy;
    private LibvirtHypervisor hypervisor;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        direct = new LibvirtHypervisor(LibvirtSettings.system());
        Path socket = host.folder().resolve("sock");
        proxy = new SocketProxy(socket, Path.of("/run/libvirt/libvirt-sock"));
        hypervisor = new LibvirtHypervisor(LibvirtSettingsBuilder.builder()
                .uri("qemu+unix:///system?socket=" + socket)
                .layout(WorkingCopyLayout.system())
                .firmwareFolders(LibvirtSettings.system().firmwareFolders())
                .qemuLogs(LibvirtSettings.system().qemuLogs())
                .runFolder(LibvirtSettings.system().runFolder())
                .account(LibvirtSettings.system().account())
                .trials(LibvirtSettings.system().trials())
                .connectTimeout(Duration.ofSeconds(2))
                .reconnectInterval(Duration.ofMillis(200))
                .keepalive(Duration.ofSeconds(1))
                .build());
    }

    @AfterEach
    void cleanUp() throws IOException {
        hypervisor.close();
        direct.destroy(vm);
        direct.eraseState(vm);
        direct.close();
        proxy.close();
        host.close();
    }

    @Test
    void callsFailWhileLibvirtdIsDownAndWorkAfterwards() throws IOException {
        start();

        proxy.kill();
        assertUnavailable(() -> hypervisor.find(vm));
        assertUnavailable(() -> hypervisor.resume(vm));
        proxy.start();

        await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> hypervisor.find(vm).isPresent());
    }

    @Test
    void afterAGapEveryVmIsReportedIncludingAVanishedOne() throws IOException {
        start();
        Set<UUID> heard = ConcurrentHashMap.newKeySet();
        try (Hypervisor.Subscription subscription = hypervisor.onLifecycle(heard::add)) {
            await().atMost(TIMEOUT).until(() -> heard.contains(vm));
            proxy.kill();
            direct.destroy(vm);
            heard.clear();
            proxy.start();

            await().atMost(TIMEOUT).until(() -> heard.contains(vm));
            assertThat(hypervisor.find(vm)).isEmpty();
        }
    }

    @Test
    void anOutageAndItsEndAreReportedOnceEach() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        try (Hypervisor.Subscription subscription = hypervisor.onReach(calls::incrementAndGet)) {
            proxy.kill();
            await().atMost(TIMEOUT).until(() -> calls.get() == 1);
            proxy.start();
            await().atMost(TIMEOUT).until(() -> calls.get() == 2);
        }
    }

    @Test
    void aHangingLibvirtdTimesOutAndIsUsedAgainWhenItResponds() {
        start();

        proxy.setSilent(true);
        assertUnavailable(() -> hypervisor.find(vm));
        assertUnavailable(() -> hypervisor.domains());
        proxy.setSilent(false);

        await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> hypervisor.find(vm).isPresent());
    }

    @Test
    void theHypervisorCanBeConstructedWhileLibvirtdIsDown() throws IOException {
        proxy.kill();

        assertUnavailable(() -> hypervisor.host());
        proxy.start();

        await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> hypervisor.domains().isEmpty());
    }

    private void start() {
        DomainSpec spec = host.emptyDisk(vm, 1);
        direct.prepareVariables(spec);
        host.manufacture(vm, SECRET);
        direct.createPaused(spec, SECRET);
    }

    private static void assertUnavailable(ThrowingCallable call) {
        HypervisorException thrown = catchThrowableOfType(HypervisorException.class, call);
        assertThat(thrown).isNotNull();
        assertThat(thrown.failure()).isInstanceOf(HypervisorFailure.Unavailable.class);
    }
}
