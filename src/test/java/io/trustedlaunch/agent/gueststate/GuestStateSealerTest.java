package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.gueststate.SealedGuestState.Opening;
import io.trustedlaunch.testkit.Claimants;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The state after a failed sealing. */
class GuestStateSealerTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");
    private static final WorkingCopyContent COPY =
            new WorkingCopyContent(new byte[] {1}, new byte[] {2}, Instant.EPOCH);

    private final FaultyHomeFiles files = new FaultyHomeFiles();
    private final List<GuestStateVersion> sealed = new ArrayList<>();

    /** The working copy is erased afterwards, so a power cut must not undo what the home appeared to have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void aStateFoundSealedAfterAFailureSurvivesAPowerCut(int failing) throws IOException {
        try (GuestStateSealer sealer = sealer(state -> sealed.add(state.version()))) {
            files.failAt(failing, new IOException("Input/output error"), false);
            sealer.seal(() -> COPY);
        } catch (IOException e) {
            assertThat(e).hasMessage("Input/output error");
        }
        files.heal();
        try (GuestStateSealer sealer = sealer(state -> sealed.add(state.version()))) {
            sealer.seal(() -> COPY);
        }

        for (FaultyHomeFiles disk : files.afterPowerCut()) {
            Home home = home(disk);
            GuestStateVersion newest = home.versions().getFirst();
            assertThat(opened(home, newest).tpm()).isEqualTo(COPY.tpm());
            assertThat(sealed.getLast()).isEqualTo(newest);
        }
    }

    @Test
    void aStateOfALaterIncarnationIsFoundBesidesFilesThatOnlyHaveItsName() throws IOException {
        try (GuestStateSealer sealer = sealer(1)) {
            sealer.seal(() -> COPY);
            for (long epoch = 3; epoch < 13; epoch++) {
                home(files).publish(new GuestStateVersion(epoch, 1L), new byte[] {1, 2, 3});
            }
            assertThat(sealer.laterThan(1)).isEmpty();

            try (GuestStateSealer later = sealer(2)) {
                later.seal(() -> COPY);
            }
            assertThat(sealer.laterThan(2)).isEmpty();
            for (int look = 0; look < 3 && sealer.laterThan(1).isEmpty(); look++) {
                assertThat(sealer.epoch()).isEqualTo(1);
            }
            assertThat(sealer.laterThan(1)).map(GuestState::version).contains(new GuestStateVersion(2L, 1L));
        }
    }

    /** Both saw that the home was not claimed: two nodes, or two clusters, that were given one epoch. */
    @Test
    void ofTwoThatClaimOneEpochAtTheSameTimeOneDoes() throws IOException {
        try (GuestStateSealer first = sealer(Claimants.on("host-a"));
                GuestStateSealer second = sealer(Claimants.of("another-cluster", "host-b", 2))) {
            second.seal(() -> COPY);

            assertThatThrownBy(() -> first.seal(() -> tpm(1, 1)))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Reason.HomeClaimedElsewhere))
                    .hasMessageContaining("guest-state-1-1.p7m")
                    .hasMessageContaining("node host-b of cluster another-cluster");
            assertThat(second.seal(() -> tpm(1, 2))).isPresent();
            assertThatThrownBy(() -> first.seal(() -> tpm(1, 3))).isInstanceOf(RefusedException.class);
        }

        assertThat(home(files).versions())
                .hasSize(2)
                .allSatisfy(version -> assertThat(opened(home(files), version).claimant())
                        .isEqualTo(Claimants.of("another-cluster", "host-b", 2)));
    }

    /** The agent that sealed it has this one's names, but not its record. */
    @Test
    void aLineIsNotContinuedByAnotherClaimant() throws IOException {
        try (GuestStateSealer sealer = sealer(Claimants.on("host-a"))) {
            sealer.seal(() -> COPY);
        }

        assertThatThrownBy(() -> sealer(Claimants.of(Incarnations.CLUSTER, "host-a", 2)))
                .isInstanceOf(RefusedException.class);
        try (GuestStateSealer sealer = sealer(Claimants.on("host-a"))) {
            assertThat(sealer.newest()).contains(new GuestStateVersion(1L, 1L));
        }
    }

    @Test
    void aStateThatCouldNotBeRecordedIsSealedAgain() throws IOException {
        AtomicBoolean full = new AtomicBoolean(true);
        try (GuestStateSealer sealer = sealer(version -> remember(version, full.get()))) {
            assertThatThrownBy(() -> sealer.seal(() -> COPY)).isInstanceOf(UncheckedIOException.class);
            full.set(false);

            assertThat(sealer.seal(() -> COPY)).isPresent();
            assertThat(sealer.seal(() -> COPY)).isEmpty();
        }

        assertThat(sealed.getLast()).isEqualTo(home(files).versions().getFirst());
    }

    @Test
    void aDraftChangesNothingAndIsWhatWouldBeSealed() throws IOException {
        try (GuestStateSealer sealer = sealer(2)) {
            GuestStateSealer.Draft draft = sealer.draft(COPY);

            assertThat(home(files).versions()).isEmpty();
            assertThat(sealer.newest()).isEmpty();
            home(files).publish(draft.version(), draft.file());
            assertThat(opened(home(files), new GuestStateVersion(2L, 1L))).isEqualTo(draft.state());
            assertThat(draft.state().tpm()).isEqualTo(COPY.tpm());
        }
    }

    /** Including removed states: the state that a guest leaves is compared with the trail. */
    @Test
    void eachStateHasTheTrailOfAllEarlierOnes() throws IOException {
        Home home = home(files);
        for (int incarnation = 1; incarnation <= 3; incarnation++) {
            try (GuestStateSealer sealer = sealer(incarnation)) {
                for (int state = 1; state <= 5; state++) {
                    WorkingCopyContent copy = tpm(incarnation, state);
                    sealer.seal(() -> copy);
                }
            }
        }

        GuestState newest = opened(home, home.versions().getFirst());
        assertThat(newest.trail().digests()).hasSize(15);
        for (int incarnation = 1; incarnation <= 3; incarnation++) {
            for (int state = 1; state <= 5; state++) {
                assertThat(newest.isNewerThan(tpm(incarnation, state).tpm()))
                        .as("state %d of incarnation %d", state, incarnation)
                        .isEqualTo(incarnation < 3 || state < 5);
            }
        }
    }

    private static WorkingCopyContent tpm(int incarnation, int state) {
        return new WorkingCopyContent(new byte[] {(byte) incarnation, (byte) state}, new byte[] {2}, Instant.EPOCH);
    }

    private void remember(GuestState state, boolean full) {
        if (full) {
            throw new UncheckedIOException(new IOException("No space left on device"));
        }
        sealed.add(state.version());
    }

    private GuestStateSealer sealer(Consumer<GuestState> sealed) throws IOException {
        return GuestStateSealer.open(
                1,
                Claimants.HOST_A,
                Optional.empty(),
                Optional.empty(),
                "ab".repeat(32),
                home(files),
                key(),
                new SecureRandom(),
                sealed);
    }

    private GuestStateSealer sealer(Claimant claimant) throws IOException {
        return GuestStateSealer.open(
                1,
                claimant,
                Optional.empty(),
                Optional.empty(),
                "ab".repeat(32),
                home(files),
                key(),
                new SecureRandom(),
                state -> {});
    }

    private GuestStateSealer sealer(long epoch) throws IOException {
        return GuestStateSealer.open(
                epoch,
                Claimants.HOST_A,
                Optional.empty(),
                Optional.empty(),
                "ab".repeat(32),
                home(files),
                key(),
                new SecureRandom(),
                version -> {});
    }

    private static Home home(HomeFiles files) {
        return new Home(files, "host-a", UUID::randomUUID, Failpoints.none());
    }

    private static GuestStateKey key() {
        byte[] key = new byte[ProtectionKey.BYTES];
        key[0] = 1;
        return ProtectionKey.of(key).guestStateKey(VM);
    }

    private static GuestState opened(Home home, GuestStateVersion version) throws IOException {
        try (GuestStateKey key = key()) {
            Opening opening = SealedGuestState.open(home.read(version), VM, version, key);
            assertThat(opening).isInstanceOf(Opening.Opened.class);
            return ((Opening.Opened) opening).state();
        }
    }
}
