package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.RecordedWork;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Reports and retries of a state that cannot be sealed. */
class GuestStateKeeperTest {
    private static final UUID VM = UUID.randomUUID();

    private Instant now = Instant.EPOCH;
    private IOException fault;
    private String tpm = "tpm";
    private final List<UUID> changed = new ArrayList<>();
    private final RecordedWork work = new RecordedWork();
    private final GuestStateKeeper keeper =
            new GuestStateKeeper(new NoChanges(), this::read, () -> now, changed::add, work);

    @BeforeEach
    void keep() throws IOException {
        Home home = new Home(new FaultyHomeFiles(), "host-a", UUID::randomUUID, Failpoints.none());
        GuestStateSealer sealer = GuestStateSealer.open(
                1,
                Claimants.HOST_A,
                Optional.empty(),
                Optional.empty(),
                "ab".repeat(32),
                home,
                ProtectionKey.generate(new SecureRandom()).guestStateKey(VM),
                new SecureRandom(),
                version -> {});
        keeper.begin(sealer, new WorkingCopy(VM, Path.of("tpm"), Path.of("variables"), WorkingCopy.State.PRESENT));
    }

    @AfterEach
    void end() {
        keeper.close();
    }

    @Test
    void variablesBeingWrittenAreReadAgainSoonWithoutAProblem() {
        fault = new UnsettledWorkingCopyException("changed while it was read");
        assertThat(keeper.seal(VM)).contains(GuestStateKeeper.UNTIL_SETTLED);
        now = now.plus(GuestStateKeeper.UNSETTLED_LIMIT).minusMillis(1);
        assertThat(keeper.seal(VM)).contains(GuestStateKeeper.UNTIL_SETTLED);

        fault = null;
        assertThat(keeper.seal(VM)).isEmpty();
        assertThat(keeper.state(VM).orElseThrow().problem()).isEmpty();
        assertThat(keeper.state(VM).orElseThrow().newest().orElseThrow().version())
                .isEqualTo(new GuestStateVersion(1L, 1L));
        assertThat(changed).isEmpty();
    }

    @Test
    void theLagCountsFromTheFirstFailedAttempt() {
        fault = new UnsettledWorkingCopyException("changed while it was read");
        keeper.seal(VM);
        now = now.plusMillis(200);
        keeper.seal(VM);
        fault = null;
        now = now.plusMillis(50);
        keeper.seal(VM);

        assertThat(keeper.state(VM).orElseThrow().newest().orElseThrow().lag()).contains(Duration.ofMillis(250));
        assertThat(work.times()).containsExactly(Duration.ofMillis(250));
        assertThat(work.failures()).isZero();
    }

    @Test
    void variablesWrittenWithoutEndAreReportedOnce() {
        fault = new UnsettledWorkingCopyException("changed while it was read");
        keeper.seal(VM);
        now = now.plus(GuestStateKeeper.UNSETTLED_LIMIT);
        keeper.seal(VM);
        keeper.seal(VM);

        assertThat(keeper.state(VM).orElseThrow().problem())
                .map(Problem::reason)
                .contains(Reason.GuestStateNotSealed);
        assertThat(changed).containsExactly(VM);
        assertThat(work.failures()).isEqualTo(2);
    }

    @Test
    void settledPeriodsResetTheLimit() {
        fault = new UnsettledWorkingCopyException("changed while it was read");
        keeper.seal(VM);
        fault = null;
        keeper.seal(VM);
        now = now.plus(GuestStateKeeper.UNSETTLED_LIMIT);
        fault = new UnsettledWorkingCopyException("changed while it was read");
        keeper.seal(VM);

        assertThat(keeper.state(VM).orElseThrow().problem()).isEmpty();
    }

    @Test
    void aFailureAndItsEndAreReportedAtOnce() {
        fault = new IOException("Input/output error");
        assertThat(keeper.seal(VM)).isPresent();
        assertThat(keeper.state(VM).orElseThrow().problem())
                .map(Problem::reason)
                .contains(Reason.GuestStateNotSealed);

        fault = null;
        assertThat(keeper.seal(VM)).isEmpty();
        assertThat(keeper.state(VM).orElseThrow().problem()).isEmpty();
        assertThat(changed).containsExactly(VM, VM);
    }

    @Test
    void theSameVersionTwiceProvesThatTheGuestChangedNothingBetween() throws IOException {
        SealedFile first = keeper.sealed(VM, 1).orElseThrow();
        assertThat(first.content()).isNotEmpty();
        assertThat(keeper.sealed(VM, 1).orElseThrow().version()).isEqualTo(first.version());

        tpm = "another";
        keeper.seal(VM);
        tpm = "tpm";
        assertThat(keeper.sealed(VM, 1).orElseThrow().version()).isEqualTo(new GuestStateVersion(1L, 3L));
    }

    @Test
    void aStateThatIsBeingWrittenIsNotTheSame() throws IOException {
        keeper.seal(VM);
        fault = new UnsettledWorkingCopyException("changed while it was read");

        assertThat(keeper.sealed(VM, 1)).isEmpty();
    }

    @Test
    void aStateThatCannotBeSealedIsNoState() {
        fault = new IOException("Input/output error");
        assertThatThrownBy(() -> keeper.sealed(VM, 1)).hasMessageContaining("Input/output error");

        fault = null;
        assertThatThrownBy(() -> keeper.sealed(VM, 2)).hasMessageContaining("epoch 2");
        keeper.end(VM);
        assertThatThrownBy(() -> keeper.sealed(VM, 1)).hasMessageContaining("not sealed here");
    }

    private WorkingCopyContent read(WorkingCopy copy) throws IOException {
        if (fault != null) {
            throw fault;
        }
        return new WorkingCopyContent(
                tpm.getBytes(StandardCharsets.UTF_8), "variables".getBytes(StandardCharsets.UTF_8), now);
    }

    @Nested
    class AWorkingCopyThatDoesNotSettle extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return GuestStateKeeper.UNSETTLED_LIMIT;
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            fault = null;
            keeper.seal(VM);
            fault = new UnsettledWorkingCopyException("changed while it was read");
            GuestStateKeeperTest.this.now = since;
            keeper.seal(VM);
            GuestStateKeeperTest.this.now = now;
            keeper.seal(VM);
            return keeper.state(VM).orElseThrow().problem().isEmpty();
        }
    }
}
