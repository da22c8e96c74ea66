package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of damage to every file of the working copy that a guest left when its host lost power. What swtpm itself
 * makes of damaged bytes is {@code SwtpmDamageIT}'s part.
 */
class WorkingCopyDamageTest {
    private static final String EK = FakeTpms.ek(1);

    /** Refused for this reason; nothing of it goes home. */
    private static final Optional<Reason> DAMAGED = Optional.of(Reason.TpmStateDamaged);

    private static final Optional<Reason> VARIABLES = Optional.of(Reason.UefiVariablesDamaged);
    private static final Optional<Reason> ALTERED = Optional.of(Reason.UefiVariablesAltered);
    private static final Optional<Reason> MISSING = Optional.of(Reason.TpmStateMissing);
    private static final Optional<Reason> TURNED_BACK = Optional.of(Reason.WorkingCopyTurnedBack);
    private static final Optional<Reason> ANOTHER_TPM = Optional.of(Reason.EkMismatch);

    /** The state is whole, and no start is refused. */
    private static final Optional<Reason> HARMLESS = Optional.empty();

    /** What a guest, or a power cut, makes of a whole state: it is sealed and the VM starts. That it changed is told. */
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
                        TURNED_BACK,
                        copy -> tpm(copy, FakeTpms.state(EK, ""))),
                of("TPM state, an older one that is home", TURNED_BACK, copy -> tpm(copy, FakeTpms.state(EK, "older"))),
                of(
                        "TPM state, the one that was sealed last",
                        HARMLESS,
                        copy -> tpm(copy, FakeTpms.state(EK, "newest"))),
                of(
                        "TPM state, an older one that is not home any more",
                        TURNED_BACK,
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
                        copy -> Files.write(copy.variables(), VariableStores.with("platform key"))));
    }

    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void aDamagedStateNeitherGoesHomeNorStarts(String name, Optional<Reason> reason, Damage damage) throws IOException {
        aHostLostItsPowerWithAllOfItsStateAtHome();
        damage.to(copy());
        Map<Path, String> left = files();

        endOfTheIncarnation();
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        world.server.ownEpoch(2);
        world.pass(next);

        assertThat(world.tpms.made()).as("no TPM is made anew").isEqualTo(1);
        if (reason.isEmpty() || reason.equals(UNWATCHED)) {
            assertThat(status(incarnation).reason())
                    .isEqualTo(reason.orElse(Reason.Stopped).name());
            assertThat(Optional.ofNullable(status(incarnation).guestState().lastWatched()))
                    .isEqualTo(reason.map(changed -> FactsFixture.version("1-5")));
            assertThat(status(incarnation).guestState().complete()).isTrue();
            assertThat(world.hypervisor
                            .find(IncarnationFixture.VM)
                            .orElseThrow()
                            .state())
                    .isInstanceOf(DomainState.Running.class);
            return;
        }
        assertThat(status(incarnation).guestState().complete()).isFalse();
        assertThat(status(next).reason()).isEqualTo(reason.get().name());
        assertThat(world.domain()).isEmpty();
        assertThat(world.home())
                .containsExactly(
                        "guest-state-1-1.p7m", "guest-state-1-3.p7m", "guest-state-1-4.p7m", "guest-state-1-5.p7m");
        assertThat(files()).as("what is left is kept as it is").isEqualTo(left);
    }

    @Test
    void whatIsBroughtBackGoesHomeAndStarts() throws IOException {
        aHostLostItsPower();
        byte[] whole = Files.readAllBytes(copy().tpmState());
        flip(copy().tpmState(), 3);
        endOfTheIncarnation();
        assertThat(status(incarnation).guestState().complete()).isFalse();

        Files.write(copy().tpmState(), whole);
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        world.server.ownEpoch(2);
        world.pass(next);

        assertThat(world.stored()).isEqualTo("newest");
        assertThat(world.home()).contains("guest-state-1-5.p7m", "guest-state-2-1.p7m");
    }

    @Test
    void anEndThatWasToldOfADamagedStateStaysToldWhenTheEnvelopeIsGone() throws IOException {
        aHostLostItsPower();
        flip(copy().tpmState(), 3);
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        endOfTheIncarnation();
        VMIncarnationStatus told = status(incarnation);
        assertThat(told.guestState().complete()).isFalse();

        world.server.removeEnvelope(incarnation);
        world.pass(incarnation);
        world.restartAgent();
        world.pass(incarnation);

        assertThat(status(incarnation)).isEqualTo(told);
    }

    /** What is sealed while a guest runs is not looked into: it is to be home soon. */
    @Test
    void howeverOftenADamagedStateWentHomeWhileTheGuestRanTheOneThatItBeganWithIsThere() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        for (int time = 1; time <= 5; time++) {
            tpm(copy(), FakeTpms.state(EK, "store " + time));
            flip(copy().tpmState(), 3);
            world.copyChanged();
        }
        world.hypervisor.powerCut();
        endOfTheIncarnation();
        assertThat(status(incarnation).guestState().complete()).isFalse();
        assertThat(world.home())
                .containsExactly(
                        "guest-state-1-1.p7m", "guest-state-1-4.p7m", "guest-state-1-5.p7m", "guest-state-1-6.p7m");

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        world.server.ownEpoch(2);
        world.pass(next);
        assertThat(status(next).reason()).isEqualTo(Reason.TpmStateDamaged.name());
        assertThat(status(next).message()).contains("1-1", "spec.approveGuestState");
        assertThat(world.domain()).isEmpty();

        VMIncarnation approved = world.incarnation(3, DesiredState.Running, "1-1", "1-1");
        world.server.ownEpoch(3);
        world.pass(approved);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state())
                .isInstanceOf(DomainState.Running.class);
        assertThat(world.stored()).isEmpty();
        assertThat(world.tpms.made()).isEqualTo(1);
    }

    @Test
    void variablesThatAreDamagedWhileTheGuestRunsDoNotGoHomeAndAreTold() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        byte[] whole = Files.readAllBytes(copy().variables());
        flip(copy().variables(), 72);
        assertThat(world.copyChanged()).isPresent();
        world.later(Duration.ofSeconds(10));
        world.copyChanged();
        world.pass(incarnation);
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m");
        assertThat(status(incarnation).reason()).isEqualTo(Reason.GuestStateNotSealed.name());
        assertThat(status(incarnation).message()).contains("variable store is damaged");

        Files.write(copy().variables(), whole);
        world.guestStores("and goes on");
        world.copyChanged();
        world.pass(incarnation);
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
        assertThat(status(incarnation).reason()).isEqualTo(Reason.Running.name());
    }

    /** Nobody knows then what the state is, and an end that was told as complete has its copy erased. */
    @Test
    void aStateThatCannotBeLookedIntoIsNotTakenForAWholeOne() throws IOException {
        aHostLostItsPower();
        world.tpms.fail(true);
        endOfTheIncarnation();
        assertThat(status(incarnation).phase()).isNotEqualTo(VMIncarnationStatus.Phase.Stopped);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.StartFailed.name());
        assertThat(world.home()).doesNotContain("guest-state-1-5.p7m");

        world.tpms.fail(false);
        endOfTheIncarnation();
        assertThat(status(incarnation).phase()).isEqualTo(VMIncarnationStatus.Phase.Stopped);
        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(world.home()).contains("guest-state-1-5.p7m");
    }

    private void aHostLostItsPower() throws IOException {
        aGuestRuns();
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void aHostLostItsPowerWithAllOfItsStateAtHome() throws IOException {
        aGuestRuns();
        world.copyChanged();
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void aGuestRuns() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        world.guestStores("long ago");
        world.copyChanged();
        world.guestStores("older");
        world.copyChanged();
        world.hypervisor.putVariables(IncarnationFixture.VM, "boot order");
        world.copyChanged();
        world.guestStores("newest");
    }

    private void endOfTheIncarnation() {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
        world.later(Duration.ofMinutes(1));
    }

    private VMIncarnationStatus status(VMIncarnation of) {
        return world.server.read(of).getStatus();
    }

    private WorkingCopy copy() {
        return world.hypervisor.workingCopy(IncarnationFixture.VM);
    }

    private Map<Path, String> files() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        for (Path start : new Path[] {copy().tpmState().getParent().getParent(), copy().variables()}) {
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
        Files.write(
                copy.variables(),
                VariableStores.with(Stream.concat(Stream.of("platform key"), Stream.of(content))
                        .toArray(String[]::new)));
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
