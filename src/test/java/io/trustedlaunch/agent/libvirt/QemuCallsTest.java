package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class QemuCallsTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final Optional<MigrationProgress> HALF = Optional.of(new MigrationProgress(1, 1, 2));

    private final QemuCalls<Optional<MigrationProgress>> calls = new QemuCalls<>(DomainJobs.unmeasured());

    @Test
    void anAnswerIsReturned() {
        assertThat(calls.call(VM, () -> HALF)).isEqualTo(HALF);
        assertThat(calls.call(VM, Optional::empty)).isEmpty();
        assertThatThrownBy(() -> calls.call(VM, () -> {
                    throw new IllegalArgumentException("libvirtd is down");
                }))
                .hasMessage("libvirtd is down");
    }

    @Test
    void aQemuThatDoesNotAnswerBlocksNoCallerAndIsCalledOnce() {
        CountDownLatch answers = new CountDownLatch(1);

        assertThat(calls.call(VM, () -> whenIt(answers))).isEqualTo(DomainJobs.unmeasured());
        assertThat(calls.call(VM, () -> {
                    throw new AssertionError("asked twice");
                }))
                .isEqualTo(DomainJobs.unmeasured());
        assertThat(calls.call(UUID.randomUUID(), () -> HALF)).isEqualTo(HALF);

        answers.countDown();
        await().until(() -> calls.call(VM, () -> HALF).equals(HALF));
    }

    /** It may hold something that has to be closed. */
    @Test
    void anAnswerThatNobodyWaitsForIsHandedOn() {
        List<Optional<MigrationProgress>> late = new CopyOnWriteArrayList<>();
        QemuCalls<Optional<MigrationProgress>> closing = new QemuCalls<>(DomainJobs.unmeasured(), late::add);
        CountDownLatch answers = new CountDownLatch(1);

        assertThat(closing.call(VM, () -> HALF)).isEqualTo(HALF);
        assertThat(closing.call(VM, () -> whenIt(answers))).isEqualTo(DomainJobs.unmeasured());
        assertThat(late).isEmpty();

        answers.countDown();
        await().untilAsserted(() -> assertThat(late).containsExactly(Optional.empty()));
    }

    private static Optional<MigrationProgress> whenIt(CountDownLatch answers) {
        try {
            answers.await();
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
