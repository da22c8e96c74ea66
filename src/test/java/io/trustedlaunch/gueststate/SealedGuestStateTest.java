package io.trustedlaunch.gueststate;

import static io.trustedlaunch.gueststate.GuestStateFixture.OTHER_VM;
import static io.trustedlaunch.gueststate.GuestStateFixture.VERSION;
import static io.trustedlaunch.gueststate.GuestStateFixture.VM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Opened;
import io.trustedlaunch.gueststate.SealedGuestState.Opening.Refused;
import io.trustedlaunch.testkit.SealedStates;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SealedGuestStateTest {
    private final GuestStateFixture fixture = new GuestStateFixture();

    @Test
    void whatWasSealedIsOpened() {
        assertThat(fixture.open(fixture.sealed)).isEqualTo(new Opened(fixture.state));
    }

    @Test
    void theSameStateIsNeverSealedTheSameWay() {
        assertThat(SealedGuestState.seal(fixture.state, fixture.key, fixture.random))
                .isNotEqualTo(fixture.sealed);
    }

    @Test
    void theLargestStateFits() {
        byte[] tpm = new byte[GuestState.MAX_TPM_BYTES];
        byte[] variables = new byte[GuestState.MAX_VARIABLES_BYTES];
        fixture.random.nextBytes(tpm);
        fixture.random.nextBytes(variables);
        GuestState largest = SealedStates.state(VM, VERSION, fixture.state.ekDigest(), tpm, variables);

        byte[] sealed = SealedGuestState.seal(largest, fixture.key, fixture.random);

        assertThat(sealed.length).isLessThanOrEqualTo(SealedGuestState.MAX_BYTES);
        assertThat(fixture.open(sealed)).isEqualTo(new Opened(largest));
    }

    @Test
    void erasedFlashTakesLittleRoom() {
        byte[] variables = new byte[528 * 1024];
        Arrays.fill(variables, (byte) 0xff);
        GuestState usual = SealedStates.state(VM, VERSION, fixture.state.ekDigest(), fixture.state.tpm(), variables);

        assertThat(SealedGuestState.seal(usual, fixture.key, fixture.random)).hasSizeLessThan(16 * 1024);
    }

    @Test
    void nothingOfTheContentIsReadableInIt() {
        String hex = HexFormat.of().formatHex(fixture.sealed);

        assertThat(hex)
                .doesNotContain(HexFormat.of().formatHex(fixture.state.tpm(), 0, 8))
                .doesNotContain(HexFormat.of().formatHex("manifest".getBytes(UTF_8)));
    }

    @Test
    void aStateIsSealedAndOpenedOnlyWithTheKeyOfItsOwnVm() {
        assertThatThrownBy(() -> SealedGuestState.seal(fixture.state, fixture.keyOfOtherVm, fixture.random))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedGuestState.open(fixture.sealed, VM, VERSION, fixture.keyOfOtherVm))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedGuestState.open(fixture.sealed, OTHER_VM, VERSION, fixture.key))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedKeyOpensNothingMore() {
        fixture.key.close();

        assertThatThrownBy(() -> fixture.open(fixture.sealed)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> SealedGuestState.seal(fixture.state, fixture.key, fixture.random))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRefusalNamesTheFileAndTheDifference() {
        assertThat(fixture.open(fixture.ofOtherVm))
                .isEqualTo(new Refused(
                        GuestStateFault.OTHER_VM,
                        "guest-state-3-7.p7m cannot be used: it was sealed for VM " + OTHER_VM + ", and this is VM "
                                + VM));
        assertThat(fixture.open(fixture.underOtherKey))
                .isEqualTo(new Refused(
                        GuestStateFault.OTHER_KEY,
                        "guest-state-3-7.p7m cannot be used: it was sealed under key " + fixture.otherKey.keyId()
                                + ", and the VM's key is " + fixture.key.keyId()));
        assertThat(fixture.open(fixture.older))
                .isEqualTo(new Refused(
                        GuestStateFault.NOT_WHAT_IT_IS_NAMED,
                        "guest-state-3-7.p7m cannot be used: it is guest-state-3-6.p7m, and was renamed"));
        assertThat(fixture.open(Arrays.copyOf(fixture.sealed, 100)))
                .isEqualTo(new Refused(
                        GuestStateFault.TRUNCATED,
                        "guest-state-3-7.p7m cannot be used: it has 100 bytes of " + fixture.sealed.length));
    }

    @Test
    void everyFaultHasAReasonForTheStatus() {
        Set<String> reasons = Arrays.stream(GuestStateFault.values())
                .map(fault -> fault.reason().name())
                .collect(Collectors.toSet());

        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        "GuestStateWrongLength",
                        "GuestStateUnrecognized",
                        "GuestStateAltered",
                        "GuestStateContradictory",
                        "GuestStateOfOtherVm",
                        "GuestStateUnderOtherKey",
                        "GuestStateRenamed",
                        "GuestStateUnsupported");
    }

    @Test
    void anEmptyFileOrOneTooLargeIsNoState() {
        String digest = fixture.state.ekDigest();
        byte[] some = new byte[1];

        assertThatThrownBy(() -> SealedStates.state(VM, VERSION, digest, new byte[0], some))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedStates.state(VM, VERSION, digest, some, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedStates.state(VM, VERSION, digest, new byte[GuestState.MAX_TPM_BYTES + 1], some))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        SealedStates.state(VM, VERSION, digest, some, new byte[GuestState.MAX_VARIABLES_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedStates.state(VM, VERSION, "a digest", some, some))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SealedStates.state(VM, new GuestStateVersion(0L, 1L), digest, some, some))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTextOfAStateHoldsNothingOfItsContent() {
        assertThat(fixture.state).hasToString("GuestState[3-7 of VM " + VM + ", TPM 6000 bytes, variables 8192 bytes]");
    }
}
