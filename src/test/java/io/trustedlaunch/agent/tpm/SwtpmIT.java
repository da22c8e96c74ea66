package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.gueststate.GuestState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real TPMs, made by swtpm_setup and read through swtpm. Needs root, since both run as another user. */
class SwtpmIT {
    private static final String KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final TpmSecret SECRET = secret(KEY);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final SwtpmTools tools = SwtpmTools.ofThisHost();
    private final UUID vm = UUID.randomUUID();
    private Path root;
    private Path probes;
    private EkProbe probe;
    private SwtpmFactory factory;

    @BeforeEach
    void makeRoot() throws IOException {
        // Not JUnit's folder: swtpm's user must be able to enter, and the path of a socket is limited.
        root = Files.createTempDirectory("tl-swtpm-");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        probes = root.resolve("p");
        probe = new EkProbe(tools, probes, TIMEOUT, UUID::randomUUID);
        factory = new SwtpmFactory(tools, probe, TIMEOUT);
    }

    @AfterEach
    void removeRootWithoutLeftovers() throws IOException {
        try {
            if (Files.exists(probes)) {
                assertThat(probes).as("copies of sealed state").isEmptyDirectory();
            }
            try (Stream<Path> left = Files.list(root)) {
                assertThat(left.map(path -> path.getFileName().toString()))
                        .as("unfinished TPMs")
                        .noneMatch(name -> name.startsWith("."));
            }
        } finally {
            deleteTree(root);
        }
    }

    @Test
    void theProbeFindsTheSameKeyEachTime() {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);

        assertThat(probe.probe(state(), SECRET)).isEqualTo(made);
        assertThat(probe.probe(state(), SECRET)).isEqualTo(made);
        assertThat(made.name()).matches("000b[0-9a-f]{64}");
    }

    @Test
    void theProbedKeyIsTheOneThatSwtpmSetupMadePersistent() {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);

        assertThat(persistentKey()).isEqualTo(made);
    }

    @Test
    void manufacturingAgainKeepsTheTpm() throws IOException {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);
        byte[] before = Files.readAllBytes(state());

        assertThat(factory.manufacture(vm, folder(), SECRET)).isEqualTo(made);
        assertThat(state()).hasBinaryContent(before);
    }

    @Test
    void aTpmThatACrashLeftUnfinishedIsMadeAgain() throws IOException {
        Path unfinished = root.resolve(".making-" + vm).resolve("tpm2");
        Files.createDirectories(unfinished);
        Files.write(unfinished.resolve("tpm2-00.permall"), new byte[] {1, 2, 3});

        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);

        assertThat(probe.probe(state(), SECRET)).isEqualTo(made);
    }

    @Test
    void aTpmIsRestoredFromItsStateForSwtpmsUserOnly() throws IOException {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);
        byte[] state = Files.readAllBytes(state());
        Path place = root.resolve("place");
        Path crashed = root.resolve(".making-place").resolve("tpm2");
        Files.createDirectories(crashed);
        Files.write(crashed.resolve("tpm2-00.permall"), new byte[] {1});

        factory.place(state, place);

        Path placed = place.resolve("tpm2").resolve("tpm2-00.permall");
        assertThat(placed).hasBinaryContent(state);
        assertThat(Files.getOwner(placed)).isEqualTo(Files.getOwner(state()));
        assertThat(Files.getPosixFilePermissions(placed)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(probe.probe(placed, SECRET)).isEqualTo(made);
    }

    @Test
    void anExistingTpmIsNotReplaced() throws IOException {
        factory.manufacture(vm, folder(), SECRET);
        byte[] before = Files.readAllBytes(state());

        assertThat(failure(() -> factory.place(new byte[] {1, 2, 3}, folder())))
                .isInstanceOf(TpmFailure.ToolFailed.class);

        assertThat(state()).hasBinaryContent(before);
    }

    @Test
    void twoTpmsHaveDifferentKeys() {
        EndorsementKey one = factory.manufacture(vm, folder(), SECRET);
        EndorsementKey other = factory.manufacture(UUID.randomUUID(), root.resolve("other"), SECRET);

        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void theProbeDoesNotChangeTheState() throws IOException {
        factory.manufacture(vm, folder(), SECRET);
        byte[] before = Files.readAllBytes(state());

        probe.probe(state(), SECRET);

        assertThat(state()).hasBinaryContent(before);
    }

    @Test
    void aKeyThatDiffersInItsLastCharacterIsTheWrongKey() {
        factory.manufacture(vm, folder(), SECRET);

        TpmSecret almost = secret(KEY.substring(0, KEY.length() - 1) + "e");

        assertThat(failure(() -> probe.probe(state(), almost))).isEqualTo(new TpmFailure.WrongKey());
    }

    @Test
    void anAlteredByteIsReportedAsTheWrongKey() throws IOException {
        factory.manufacture(vm, folder(), SECRET);
        byte[] altered = Files.readAllBytes(state());
        altered[altered.length / 2] ^= 1;
        Files.write(state(), altered);

        assertThat(failure(() -> probe.probe(state(), SECRET))).isEqualTo(new TpmFailure.WrongKey());
    }

    @Test
    void anEmptyOrRemovedFileIsReportedAsMissing() throws IOException {
        factory.manufacture(vm, folder(), SECRET);

        Files.write(state(), new byte[0]);
        assertThat(failure(() -> probe.probe(state(), SECRET))).isEqualTo(new TpmFailure.StateMissing(state()));
        assertThat(failure(() -> factory.manufacture(vm, folder(), SECRET)))
                .isEqualTo(new TpmFailure.StateMissing(state()));

        Files.delete(state());
        assertThat(failure(() -> factory.manufacture(vm, folder(), SECRET)))
                .isEqualTo(new TpmFailure.StateMissing(state()));
        assertThat(state()).doesNotExist();
    }

    @Test
    void aTruncatedOrForeignFileIsReportedAsDamaged() throws IOException {
        factory.manufacture(vm, folder(), SECRET);
        byte[] whole = Files.readAllBytes(state());

        Files.write(state(), Arrays.copyOf(whole, whole.length / 2));
        assertThat(failure(() -> probe.probe(state(), SECRET))).isInstanceOf(TpmFailure.Damaged.class);

        Files.write(state(), "this is no TPM".getBytes(StandardCharsets.UTF_8));
        assertThat(failure(() -> probe.probe(state(), SECRET))).isInstanceOf(TpmFailure.Damaged.class);
    }

    @Test
    void aFingerprintMatchesItsTpmOnly() throws IOException {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);
        factory.manufacture(UUID.randomUUID(), root.resolve("other"), SECRET);

        TpmFingerprint known = probe.fingerprint(Files.readAllBytes(state()), SECRET);

        assertThat(known.key()).isEqualTo(made);
        assertThat(probe.matches(known, state(), SECRET)).isTrue();
        assertThat(probe.matches(known, root.resolve("other/tpm2/tpm2-00.permall"), SECRET))
                .isFalse();
    }

    @Test
    void aGuestCannotSpoofItsKey() throws IOException {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);
        TpmFingerprint known = probe.fingerprint(Files.readAllBytes(state()), SECRET);

        changeAsAGuest(session -> {
            evict(session, 0x81010001);
            byte[] other = EkTemplate.rsa2048();
            other[other.length - 1] = 1; // another "unique" gives another key
            byte[] handle = session.execute("TPM2_CreatePrimary", TpmCommand.createEndorsementKey(other))
                    .body();
            persist(session, new TpmReader(handle).u32(), 0x81010001);
            setAuthorization(session, TpmCommand.ENDORSEMENT, "mine");
            disableClear(session);
        });

        assertThat(persistentKey()).as("the attack").isNotEqualTo(made);
        assertThat(probe.probe(state(), SECRET)).isEqualTo(made);
        assertThat(probe.matches(known, state(), SECRET)).isTrue();
    }

    /** Its memory is full, it is locked out, and all that a guest may use has a password or is off. */
    @Test
    void aGuestThatFillsAndSeizesItsTpmDoesNotHideItsKey() throws IOException {
        EndorsementKey made = factory.manufacture(vm, folder(), SECRET);
        TpmFingerprint known = probe.fingerprint(Files.readAllBytes(state()), SECRET);

        changeAsAGuest(session -> {
            fill(session);
            disableClear(session);
            lockOut(session);
            setAuthorization(session, TpmCommand.ENDORSEMENT, "mine");
            setAuthorization(session, OWNER, "mine");
            setAuthorization(session, LOCKOUT, "mine");
            // As before a hibernation.
            session.execute("TPM2_Shutdown", new TpmCommand(0x145, List.of(), 0, new byte[] {0, 1}));
        });

        assertThat(Files.size(state())).isBetween(64 * 1024L, (long) GuestState.MAX_TPM_BYTES);
        assertThat(probe.probe(state(), SECRET)).isEqualTo(made);
        assertThat(probe.matches(known, state(), SECRET)).isTrue();
    }

    @Test
    void aSwtpmThatHangsTimesOut() throws IOException {
        factory.manufacture(vm, folder(), SECRET);
        Path hanging = Files.writeString(root.resolve("hanging"), "#!/bin/sh\nexec sleep 60\n");
        Files.setPosixFilePermissions(hanging, PosixFilePermissions.fromString("rwxr-xr-x"));
        SwtpmTools tools = new SwtpmTools(hanging.toString(), this.tools.setup(), Optional.empty());
        EkProbe impatient = new EkProbe(tools, probes, Duration.ofMillis(300), UUID::randomUUID);

        assertThat(failure(() -> impatient.probe(state(), SECRET))).isInstanceOf(TpmFailure.TimedOut.class);
    }

    @Test
    void thePreflightFindsTheVersions() {
        SwtpmFacts facts = new SwtpmPreflight(tools, factory, probes, new SecureRandom(), UUID::randomUUID).prove();

        assertThat(facts.version()).matches("\\d+\\.\\d+.*");
        assertThat(facts.libtpms().version().orElseThrow()).matches("\\d+\\.\\d+\\.\\d+");
    }

    @Test
    void aFailureOfSwtpmSetupIsReportedWithItsOutput() {
        SwtpmFactory broken = new SwtpmFactory(
                new SwtpmTools(tools.swtpm(), "/no/such/swtpm_setup", Optional.empty()), probe, TIMEOUT);

        assertThat(failure(() -> broken.manufacture(vm, folder(), SECRET)))
                .isInstanceOfSatisfying(
                        TpmFailure.ToolFailed.class,
                        failed -> assertThat(failed.message()).contains("/no/such/swtpm_setup"));
        assertThat(folder()).doesNotExist();
    }

    private Path folder() {
        return root.resolve(vm.toString());
    }

    private Path state() {
        return folder().resolve("tpm2").resolve("tpm2-00.permall");
    }

    private EndorsementKey persistentKey() {
        try (PrivateFolder folder = tools.privateFolder(probes.resolve("read"))) {
            folder.copyIn(state(), "tpm2-00.permall");
            try (SwtpmSession session = SwtpmSession.start(tools, folder, SECRET, Deadline.in(TIMEOUT))) {
                byte[] publicArea = session.execute("TPM2_ReadPublic", TpmCommand.readPublic(0x81010001))
                        .parameters(0)
                        .sized();
                return EndorsementKey.of(publicArea);
            }
        }
    }

    /** A guest's changes to its TPM are kept in the state. */
    private void changeAsAGuest(Consumer<SwtpmSession> changes) {
        try (PrivateFolder folder = tools.privateFolder(probes.resolve("guest"))) {
            folder.copyIn(state(), "tpm2-00.permall");
            try (SwtpmSession session = SwtpmSession.start(tools, folder, SECRET, Deadline.in(TIMEOUT))) {
                changes.accept(session);
            }
            Files.copy(folder.path().resolve("tpm2-00.permall"), state(), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final int OWNER = 0x40000001;
    private static final int LOCKOUT = 0x4000000A;

    private static void evict(SwtpmSession session, int handle) {
        persist(session, handle, handle);
    }

    private static void persist(SwtpmSession session, int object, int persistent) {
        byte[] where = new TpmWriter().u32(persistent).bytes();
        // Only the platform hierarchy can remove the platform's keys, and a guest's firmware has access to it.
        int authority = object == persistent ? TpmCommand.PLATFORM : OWNER;
        session.execute("TPM2_EvictControl", new TpmCommand(0x120, List.of(authority, object), 1, where));
    }

    private static void setAuthorization(SwtpmSession session, int hierarchy, String password) {
        byte[] value = new TpmWriter()
                .sized(password.getBytes(StandardCharsets.US_ASCII))
                .bytes();
        session.execute("TPM2_HierarchyChangeAuth", new TpmCommand(0x129, List.of(hierarchy), 1, value));
    }

    private static void disableClear(SwtpmSession session) {
        session.execute("TPM2_ClearControl", new TpmCommand(0x127, List.of(LOCKOUT), 1, new byte[] {1}));
    }

    /** After no failure at all, and for ever. */
    private static void lockOut(SwtpmSession session) {
        byte[] parameters = new TpmWriter().u32(0).u32(-1).u32(-1).bytes();
        session.execute("TPM2_DictionaryAttackParameters", new TpmCommand(0x13A, List.of(LOCKOUT), 1, parameters));
    }

    /** With the largest indexes that fit, down to the smallest. */
    private static void fill(SwtpmSession session) {
        int index = 0x015A0000;
        for (int bytes = 2048; bytes > 0; bytes /= 2) {
            while (session.exchange(defined(index, bytes)).succeeded()) {
                index++;
            }
        }
    }

    private static TpmCommand defined(int index, int bytes) {
        byte[] area = new TpmWriter()
                .u32(index)
                .u16(0x000B)
                .u32(0x00020002) // the owner may read and write
                .sized(new byte[0])
                .u16(bytes)
                .bytes();
        byte[] parameters = new TpmWriter().sized(new byte[0]).sized(area).bytes();
        return new TpmCommand(0x12A, List.of(OWNER), 1, parameters);
    }

    private static TpmFailure failure(ThrowingCallable call) {
        TpmException thrown = catchThrowableOfType(TpmException.class, call);
        assertThat(thrown).as("a TpmException").isNotNull();
        assertThat(thrown.getMessage()).doesNotContain(KEY);
        return thrown.failure();
    }

    private static TpmSecret secret(String text) {
        return TpmSecret.of(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void deleteTree(Path path) throws IOException {
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
