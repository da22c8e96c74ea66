package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.testkit.VariableStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of damage to every file of the working copy that a guest left when its host lost power. How swtpm itself
 * reads damaged bytes is tested by {@code SwtpmDamageIT}.
 */
class WorkingCopyDamageTest extends OneHost {
    private static final String EK = FakeTpms.ek(1);

    /** A start is refused for this reason, and nothing is sealed. */
    private static final Optional<Reason> DAMAGED = Optional.of(Reason.TpmStateDamaged);

    private static final Optional<Reason> VARIABLES = Optional.of(Reason.UefiVariablesDamaged);
    private static final Optional<Reason> ALTERED = Optional.of(Reason.UefiVariablesAltered);
    private static final Optional<Reason> MISSING = Optional.of(Reason.TpmStateMissing);
    private static final Optional<Reason> ROLLED_BACK = Optional.of(Reason.WorkingCopyTurnedBack);
    private static final Optional<Reason> ANOTHER_TPM = Optional.of(Reason.EkMismatch);

    /** The state is whole, and no start is refused. */
    private static final Optional<Reason> HARMLESS = Optional.empty();

    /** A guest or a power cut leaves such a state: it is sealed, the VM starts, and the change is reported. */
    private static final Optional<Reason> UNWATCHED = Optional.of(Reason.GuestStateChangedUnwatched);

    private interface Damage {
        void to(WorkingCopy copy) throws IOException;
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                of("TPM state, first byte flipped", DAMAGED, copy -> flip(copy.tpmState(), 0)),
                of("TPM state, a byte in the middle flipped", DAMAGED, copy -> flip(copy.tpmState(), 70)),
                of("TPM state, last byte flipped", DAMAGED, copy -> flip(copy.tpmState(), -1)),
                of("TPM state, cut by half", DAMAGED, copy -> cut(copy.tpmState(), 40)),
                of("TPM state, cut by a byte", DAMAGED, copy -> cut(copy.tpmState(), 1)),
                of("TPM state, extended", DAMAGED, copy -> extend(copy.tpmState())),
                of("TPM state, of zero length", DAMAGED, copy -> Files.write(copy.tpmState(), new byte[0])),
                of(
                        "TPM state, another VM's",
                        DAMAGED,
                        copy -> tpm(copy, FakeTpms.stateUnder("its", FakeTpms.ek(2), ""))),
                of(
                        "TPM state, under another key",
                        DAMAGED,
                        copy -> tpm(copy, FakeTpms.stateUnder("old", EK, "newest"))),
                of(
                        "TPM state, another TPM's",
                        ANOTHER_TPM,
                        copy -> tpm(copy, FakeTpms.state(FakeTpms.ek(2), "newest"))),
                of(
                        "TPM state, one that was sealed before the newest",
                        ROLLED_BACK,
                        copy -> tpm(copy, FakeTpms.state(EK, ""))),
                of("TPM state, an older one that is home", ROLLED_BACK, copy -> tpm(copy, FakeTpms.state(EK, "older"))),
                of(
                        "TPM state, the one that was sealed last",
                        HARMLESS,
                        copy -> tpm(copy, FakeTpms.state(EK, "newest"))),
                of(
                        "TPM state, an older one that is not home any more",
                        ROLLED_BACK,
                        copy -> tpm(copy, FakeTpms.state(EK, "long ago"))),
                of(
                        "TPM state, one that was never sealed",
                        UNWATCHED,
                        copy -> tpm(copy, FakeTpms.state(EK, "the guest's last"))),
                of("TPM state, half-written beside", HARMLESS, copy -> beside(copy.tpmState(), "TMP2-00.permall")),
                of("TPM state, missing", MISSING, copy -> Files.delete(copy.tpmState())),
                of("TPM state, a folder", DAMAGED, WorkingCopyDamageTest::folderInPlace),
                of("TPM state, a link", DAMAGED, WorkingCopyDamageTest::linkInPlace),
                of("TPM folder, empty", MISSING, copy -> {
                    Files.delete(copy.tpmState());
                    Files.delete(copy.tpmState().getParent());
                }),
                of("TPM folder, missing", MISSING, copy -> {
                    Files.delete(copy.tpmState());
                    Files.delete(copy.tpmState().getParent());
                    Files.delete(copy.tpmState().getParent().getParent());
                }),
                of("variables, volume header flipped", VARIABLES, copy -> flip(copy.variables(), 40)),
                of("variables, store header flipped", VARIABLES, copy -> flip(copy.variables(), 72)),
                of("variables, first variable's mark flipped", VARIABLES, copy -> flip(copy.variables(), 100)),
                of("variables, cut by half", VARIABLES, copy -> cut(copy.variables(), 2048)),
                of("variables, extended", VARIABLES, copy -> extend(copy.variables())),
                of("variables, of zero length", VARIABLES, copy -> Files.write(copy.variables(), new byte[0])),
                of("variables, erased", VARIABLES, copy -> Files.write(copy.variables(), erased())),
                of("variables, missing", VARIABLES, copy -> Files.delete(copy.variables())),
                of("variables, half-written beside", HARMLESS, copy -> beside(copy.variables(), "half_VARS.fd")),
                of("variables, a half-written one at the end", UNWATCHED, WorkingCopyDamageTest::tear),
                of("variables, a byte of content flipped", ALTERED, copy -> flip(copy.variables(), 172)),
                of("variables, a byte of a name flipped", ALTERED, copy -> flip(copy.variables(), 160)),
                of("variables, a bit of a state cleared that no deletion clears", ALTERED, copy -> clear(copy, 4)),
                of(
                        "variables, erased while firmware tidied them up",
                        UNWATCHED,
                        copy -> Files.write(
                                copy.variables(), VariableStores.beingTidiedUp(Files.readAllBytes(copy.variables())))),
                of("variables, one deleted", UNWATCHED, copy -> clear(copy, 2)),
                of("variables, one more", UNWATCHED, copy -> variables(copy, "boot order", "a boot entry")),
                of("variables, another VM's", ALTERED, copy -> variables(copy, "another VM's boot order")),
                of(
                        "variables, older ones",
                        ALTERED,
                        copy -> Files.write(copy.variables(), VariableStores.enrolled("platform key"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void aDamagedStateIsNeitherSealedNorStartedFrom(String name, Optional<Reason> reason, Damage damage)
            throws IOException {
        losePowerWithAllStateAtHome();
        damage.to(world.copy());
        Map<Path, String> left = files();

        end();
        VMIncarnation next = world.start(2, "1-1");

        assertThat(world.tpms.made()).as("no TPM is made anew").isEqualTo(1);
        if (reason.isEmpty() || reason.equals(UNWATCHED)) {
            assertThat(world.reason(incarnation)).isEqualTo(reason.orElse(Reason.Stopped));
            assertThat(Optional.ofNullable(
                            world.status(incarnation).guestState().lastWatched()))
                    .isEqualTo(reason.map(changed -> version("1-5")));
            assertThat(world.status(incarnation).guestState().complete()).isTrue();
            world.assertRuns();
            return;
        }
        assertThat(world.status(incarnation).guestState().complete()).isFalse();
        assertThat(world.reason(next)).isEqualTo(reason.get());
        assertThat(world.state()).isEmpty();
        assertThat(world.home.versions()).containsExactly("1-1", "1-3", "1-4", "1-5");
        assertThat(files()).as("the copy is kept as it is").isEqualTo(left);
    }

    @Test
    void aStateThatIsRestoredIsSealedAndStartedFrom() throws IOException {
        losePower();
        byte[] whole = Files.readAllBytes(world.copy().tpmState());
        flip(world.copy().tpmState(), 3);
        end();
        assertThat(world.status(incarnation).guestState().complete()).isFalse();

        Files.write(world.copy().tpmState(), whole);
        world.start(2, "1-1");

        assertThat(world.stored()).isEqualTo("newest");
        assertThat(world.home.versions()).contains("1-5", "2-1");
    }

    @Test
    void theReportOfADamagedStateStaysWhenTheEnvelopeIsGone() throws IOException {
        losePower();
        flip(world.copy().tpmState(), 3);
        world.server.desire(incarnation, DesiredState.Stopped);
        end();
        VMIncarnationStatus reported = world.status(incarnation);
        assertThat(reported.guestState().complete()).isFalse();

        world.server.edit(incarnation, spec -> spec.envelope(null));
        world.pass(incarnation);
        world.restartAgent();
        world.pass(incarnation);

        assertThat(world.status(incarnation)).isEqualTo(reported);
    }

    /** A state that is sealed while a guest runs is not inspected, so that it is home soon. */
    @Test
    void theStateThatAGuestBeganWithStaysHoweverOftenADamagedOneIsSealed() throws IOException {
        world.pass(incarnation);
        for (int time = 1; time <= 5; time++) {
            tpm(world.copy(), FakeTpms.state(EK, "store " + time));
            flip(world.copy().tpmState(), 3);
            world.copyChanged();
        }
        world.hypervisor.powerCut();
        end();
        assertThat(world.status(incarnation).guestState().complete()).isFalse();
        assertThat(world.home.versions()).containsExactly("1-1", "1-4", "1-5", "1-6");

        VMIncarnation next = world.start(2, "1-1");
        assertThat(world.reason(next)).isEqualTo(Reason.TpmStateDamaged);
        assertThat(world.status(next).message()).contains("1-1", "spec.approveGuestState");
        assertThat(world.state()).isEmpty();

        world.start(3, "1-1", "1-1");
        world.assertRuns();
        assertThat(world.stored()).isEmpty();
        assertThat(world.tpms.made()).isEqualTo(1);
    }

    @Test
    void variablesThatAreDamagedWhileTheGuestRunsAreNotSealedAndAreReported() throws IOException {
        world.pass(incarnation);
        byte[] whole = Files.readAllBytes(world.copy().variables());
        flip(world.copy().variables(), 72);
        assertThat(world.copyChanged()).isPresent();
        world.later(Duration.ofSeconds(10));
        world.copyChanged();
        world.pass(incarnation);
        assertThat(world.home.versions()).containsExactly("1-1");
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestStateNotSealed);
        assertThat(world.status(incarnation).message()).contains("variable store is damaged");

        Files.write(world.copy().variables(), whole);
        world.guestStores("and goes on");
        world.copyChanged();
        world.pass(incarnation);
        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    /** The state is unknown then, and the copy is erased after an end that was reported as complete. */
    @Test
    void aStateThatCannotBeInspectedIsNotTakenForAWholeOne() throws IOException {
        losePower();
        world.tpms.failing = true;
        end();
        assertThat(world.status(incarnation).phase()).isNotEqualTo(VMIncarnationStatus.Phase.Stopped);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.StartFailed);
        assertThat(world.home.versions()).doesNotContain("1-5");

        world.tpms.failing = false;
        end();
        assertThat(world.status(incarnation).phase()).isEqualTo(VMIncarnationStatus.Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertThat(world.home.versions()).contains("1-5");
    }

    private void losePower() throws IOException {
        runAGuest();
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void losePowerWithAllStateAtHome() throws IOException {
        runAGuest();
        world.copyChanged();
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void runAGuest() throws IOException {
        world.pass(incarnation);
        world.guestStores("long ago");
        world.copyChanged();
        world.guestStores("older");
        world.copyChanged();
        world.hypervisor.putVariables(VM, "boot order");
        world.copyChanged();
        world.guestStores("newest");
    }

    private void end() {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
        world.later(Duration.ofMinutes(1));
    }

    private Map<Path, String> files() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        for (Path start : new Path[] {
            world.copy().tpmState().getParent().getParent(), world.copy().variables()
        }) {
            if (Files.exists(start)) {
                try (Stream<Path> tree = Files.walk(start)) {
                    for (Path file : tree.filter(Files::isRegularFile).toList()) {
                        files.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
                    }
                }
            }
        }
        return files;
    }

    private static Arguments of(String name, Optional<Reason> reason, Damage damage) {
        return Arguments.of(name, reason, damage);
    }

    private static void flip(Path file, int at) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[at < 0 ? content.length + at : at] ^= 1;
        Files.write(file, content);
    }

    private static void cut(Path file, int bytes) throws IOException {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, content.length - bytes));
    }

    private static void extend(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, content.length + 1));
    }

    private static void beside(Path file, String name) throws IOException {
        Files.write(file.resolveSibling(name), Arrays.copyOf(Files.readAllBytes(file), 10));
    }

    private static void tpm(WorkingCopy copy, String state) throws IOException {
        Files.writeString(copy.tpmState(), state);
    }

    private static void variables(WorkingCopy copy, String... content) throws IOException {
        byte[] store = VariableStores.enrolled("platform key");
        for (String value : content) {
            store = VariableStores.and(store, value);
        }
        Files.write(copy.variables(), store);
    }

    private static void clear(WorkingCopy copy, int bits) throws IOException {
        byte[] content = Files.readAllBytes(copy.variables());
        content[VariableStores.FIRST_VARIABLE + 2] &= (byte) ~bits;
        Files.write(copy.variables(), content);
    }

    private static byte[] erased() {
        byte[] erased = new byte[VariableStores.BYTES];
        Arrays.fill(erased, (byte) 0xff);
        return erased;
    }

    private static void tear(WorkingCopy copy) throws IOException {
        byte[] content = Files.readAllBytes(copy.variables());
        content[VariableStores.end(content)] = (byte) 0xaa;
        Files.write(copy.variables(), content);
    }

    private static void folderInPlace(WorkingCopy copy) throws IOException {
        Files.delete(copy.tpmState());
        Files.createDirectory(copy.tpmState());
    }

    private static void linkInPlace(WorkingCopy copy) throws IOException {
        Path elsewhere = copy.variables().resolveSibling("elsewhere");
        Files.move(copy.tpmState(), elsewhere);
        Files.createSymbolicLink(copy.tpmState(), elsewhere);
    }
}
