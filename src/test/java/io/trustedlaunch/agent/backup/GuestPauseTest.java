package io.trustedlaunch.agent.backup;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.domain.Specs;
import io.trustedlaunch.agent.hypervisor.DomainState.Paused;
import io.trustedlaunch.agent.hypervisor.DomainState.Running;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor;
import io.trustedlaunch.agent.hypervisor.Hypervisor.Subscription;
import io.trustedlaunch.agent.tpm.TpmSecret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestPauseTest {
    private static final UUID VM = Specs.VM;
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path root;

    private FakeHypervisor hypervisor;
    private GuestPause pause;

    @BeforeEach
    void startGuest() {
        hypervisor = new FakeHypervisor(root);
        DomainSpec spec = Specs.small(VM, 1, root);
        hypervisor.prepareVariables(spec);
        hypervisor.putTpm(VM, "tpm");
        hypervisor.createPaused(
                spec, TpmSecret.of("00112233445566778899aabbccddeeff".repeat(2).getBytes(US_ASCII)));
        pause = new GuestPause(hypervisor);
    }

    @Test
    void theGuestIsPausedDuringTheActionAndRunsAfterIt() {
        hypervisor.resume(VM);

        boolean one = pause.during(VM, LONG, () -> {
            assertThat(isPaused()).isTrue();
            assertThat(pause.isPaused(VM)).isTrue();
        });

        assertThat(one).isTrue();
        assertThat(pause.isPaused(VM)).isFalse();
        assertThat(isPaused()).isFalse();
    }

    @Test
    void aGuestThatDoesNotRunIsLeftAlone() {
        AtomicInteger acts = new AtomicInteger();

        assertThat(pause.during(VM, LONG, acts::incrementAndGet)).isFalse();

        assertThat(acts).hasValue(0);
        assertThat(isPaused()).isTrue();
    }

    @Test
    void anActionThatTakesTooLongIsNotWaitedFor() throws Exception {
        hypervisor.resume(VM);
        CountDownLatch resumed = new CountDownLatch(1);
        try (Subscription subscription = hypervisor.onLifecycle(vm -> resumed.countDown())) {
            boolean one = pause.during(VM, Duration.ofMillis(1), () -> await(resumed));

            assertThat(one).isFalse();
            assertThat(isPaused()).isFalse();
        }
    }

    @Test
    void aGuestWhoseActionFailsIsResumed() {
        hypervisor.resume(VM);

        assertThatThrownBy(() -> pause.during(VM, LONG, () -> {
                    throw new IllegalStateException("failed");
                }))
                .hasMessage("failed");

        assertThat(hypervisor.find(VM).orElseThrow().state()).isInstanceOf(Running.class);
    }

    private boolean isPaused() {
        return hypervisor.find(VM).orElseThrow().state() instanceof Paused;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
