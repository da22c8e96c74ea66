package io.trustedlaunch.gueststate;

import static io.trustedlaunch.testkit.DocumentedCommands.replaced;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.custody.RecoveryKey;
import io.trustedlaunch.recovery.Escrow;
import io.trustedlaunch.testkit.DocumentedCommands;
import io.trustedlaunch.testkit.DocumentedCommands.Result;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/recovery.md as they stand there, with a {@code kubectl} that knows one Secret, or without. */
class RecoveryDocTest {
    private static final int CLEAN_UP = 1;

    /** Where the blocks of commands stand. */
    private static final int MAKE_PAIR = 0;

    private static final int KEY_FROM_CLUSTER = 2;
    private static final int KEY_FROM_FOLDER = 3;
    private static final int BLOCKS = 10;

    private final GuestStateFixture fixture = new GuestStateFixture();

    @TempDir
    Path folder;

    private Path home;
    private RecoveryPair pair;

    @BeforeEach
    void aHomeWithTwoVersions() throws IOException {
        home = Files.createDirectories(folder.resolve("location").resolve(GuestStateFixture.VM.toString()));
        write(GuestStateFixture.OLDER_VERSION.toString(), fixture.older);
        write(GuestStateFixture.VERSION.toString(), fixture.sealed);
        pair = RecoveryPair.make(folder, "ec:P-384");
        Files.write(home.resolve("protection-key-2.p7m"), new byte[] {1});
        Files.write(home.resolve("protection-key-3.p7m"), escrow().seal(pair.certificate(), fixture.random));
        Path kubectl = folder.resolve("kubectl");
        Files.writeString(kubectl, """
                #!/bin/sh
                [ "$*" = "get secret %s -n trusted-launch-system -o jsonpath={.data.key}" ] && printf %%s '%s'
                """.formatted(
                        GuestStateFixture.VM, Base64.getEncoder().encodeToString(fixture.protectionKey.bytes())));
        Files.setPosixFilePermissions(kubectl, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void theDocumentedCommandsOpenTheNewestState() throws Exception {
        List<String> commands = commands();
        Result result = run(commands.subList(0, commands.size() - CLEAN_UP));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(recovered("tpm2-00.permall")).isEqualTo(fixture.state.tpm());
        assertThat(recovered("uefi-variables.fd")).isEqualTo(fixture.state.variables());
        assertThat(recovered("manifest.json"))
                .isEqualTo(Manifest.of(fixture.state).encoded());
        assertThat(recovered("tpm-passphrase"))
                .isEqualTo(fixture.protectionKey.tpmSecret(GuestStateFixture.VM.toString()));
        assertThat(result.output())
                .contains("3e 0a 6c 1c 6f 0e 4a 53", HexFormat.of().formatHex(fixture.key.identifier()));
        assertThat(result.output()).contains("\"generation\": 7", "tpm2-00.permall: OK", "uefi-variables.fd: OK");
        assertThat(Files.getPosixFilePermissions(folder.resolve("work/tpm2-00.permall")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void theLastStepLeavesNothing() throws Exception {
        Result result = run(commands());

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(folder.resolve("work")).doesNotExist();
        assertThat(home).isDirectoryContaining("glob:**.p7m");
    }

    /** The tag's last byte: openssl has written all of the content before it finds out. */
    @Test
    void nothingIsKeptOfAnAlteredFile() throws Exception {
        write(GuestStateFixture.VERSION.toString(), Damage.flipped(fixture.sealed, fixture.sealed.length - 1, 0x01));

        Result result = run(commands());

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("was altered");
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void aFileUnderAnotherKeyIsNotOpened() throws Exception {
        write(GuestStateFixture.VERSION.toString(), fixture.underOtherKey);

        Result result = run(commands());

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("not of VM " + GuestStateFixture.VM + " under this key");
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void theRecoveryKeyServesInPlaceOfTheCluster() throws Exception {
        Files.delete(folder.resolve("kubectl"));

        Result result = run(withRecoveryKey(pair));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(recovered("tpm2-00.permall")).isEqualTo(fixture.state.tpm());
        assertThat(result.output())
                .contains("\"uid\": \"" + GuestStateFixture.VM + "\"", "\"kind\": \"TrustedLaunchVM\"")
                .doesNotContain(Base64.getEncoder().encodeToString(fixture.protectionKey.bytes()));
    }

    @Test
    void anotherRecoveryKeyOpensNothing(@TempDir Path elsewhere) throws Exception {
        Result result = run(withRecoveryKey(RecoveryPair.make(elsewhere, "ec:P-384")));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains("not for this key");
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void theEnvelopeOfAGuestThatRunsHasTheKey() throws Exception {
        Path content = Files.write(folder.resolve("octets"), HexFormat.of().parseHex("0420" + "a5".repeat(32)));
        Result sealed = bash("openssl cms -encrypt -binary -aes256 -outform DER -in " + content + " -out "
                + folder.resolve("sealed") + " " + pair.certificateFile());
        assertThat(sealed.exitCode()).as(sealed.output()).isZero();

        Result result = bash(envelope("cat " + folder.resolve("sealed")));

        assertThat(result.exitCode()).as(result.output()).isZero();
        assertThat(result.output()).contains("OCTET STRING", "[HEX DUMP]:" + "A5".repeat(32));
    }

    /** openssl would say that it cannot read a content info. */
    @Test
    void theEnvelopeOfAGuestThatHasEndedIsSaidToBeMissing() throws Exception {
        Result result = bash(envelope("true"));

        assertThat(result.output().strip())
                .isEqualTo("there is no envelope: the guest has ended, or EPOCH is not its present one");
    }

    /** @param kubectl what it prints the field with */
    private String envelope(String kubectl) throws IOException {
        Files.writeString(folder.resolve("kubectl"), "#!/bin/sh\n" + kubectl + " | base64 -w0\n");
        String block = Files.readString(Path.of("docs/recovery.md"))
                .split("As root on that node,", 2)[1]
                .split("```")[1];
        return "VM=" + GuestStateFixture.VM + " EPOCH=3\n"
                + replaced(
                        replaced(
                                block.stripIndent(),
                                "WORK=$(mktemp -d /dev/shm/recovery.XXXXXX)",
                                "WORK=" + folder.resolve("work") + "; mkdir \"$WORK\""),
                        "/var/lib/trusted-launch/agent/identity/sealing.key",
                        pair.keyFile().toString());
    }

    @Test
    void thePairThatIsMadeThereIsTaken() throws Exception {
        String commands = replaced(
                blocks().get(MAKE_PAIR),
                "-keyout recovery.key",
                "-passout pass:secret -keyout " + folder.resolve("recovery.key"));
        Result result = bash(replaced(commands, "-out recovery.crt", "-out " + folder.resolve("recovery.crt")));

        assertThat(result.exitCode()).as(result.output()).isZero();
        RecoveryCertificate certificate = RecoveryCertificate.fromPem(Files.readString(folder.resolve("recovery.crt")));
        RecoveryKey key = RecoveryKey.fromPem(
                Files.readString(folder.resolve("recovery.key")), Optional.of("secret".toCharArray()));
        assertThat(certificate.keyId()).isEqualTo(key.keyId());
    }

    private Escrow escrow() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll")
                .build());
        OsDisk disk = new OsDisk(new Quantity("128Gi"));
        String uid = GuestStateFixture.VM.toString();
        return new Escrow(
                fixture.protectionKey,
                vm,
                RetainedVMRecordBuilder.builder()
                        .namespace("finance")
                        .name("payroll")
                        .uid(uid)
                        .objectUID(uid)
                        .epoch(3L)
                        .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                                .home(new TrustedLaunchVMStatus.Home(
                                        "default", "host-a", 3L, false, Incarnations.CLUSTER))
                                .build())
                        .osDisk(disk)
                        .build());
    }

    private static List<String> commands() throws IOException {
        return byHand(KEY_FROM_FOLDER);
    }

    private List<String> withRecoveryKey(RecoveryPair owned) throws IOException {
        List<String> commands = byHand(KEY_FROM_CLUSTER);
        commands.replaceAll(
                block -> block.replace("RECOVERY_KEY=/root/recovery.key", "RECOVERY_KEY=" + owned.keyFile()));
        assertThat(commands).anyMatch(block -> block.contains(owned.keyFile().toString()));
        return commands.subList(0, commands.size() - CLEAN_UP);
    }

    /** All that is done by hand, with one of the two ways to the key left out. */
    private static List<String> byHand(int without) throws IOException {
        List<String> blocks = new ArrayList<>(blocks());
        blocks.remove(without);
        blocks.remove(MAKE_PAIR);
        return blocks;
    }

    private static List<String> blocks() throws IOException {
        return DocumentedCommands.blocks(Path.of("docs/recovery.md"), BLOCKS);
    }

    /** Only the two places differ: where the location is, and where the work is done. */
    private Result run(List<String> blocks) throws IOException, InterruptedException {
        String script = replaced(
                replaced(
                        String.join("\n", blocks),
                        "LOCATION=/var/lib/trusted-launch/vms",
                        "LOCATION=" + folder.resolve("location")),
                "WORK=$(mktemp -d /dev/shm/recovery.XXXXXX)",
                "WORK=" + folder.resolve("work") + "; mkdir \"$WORK\"");
        return bash(script);
    }

    private Result bash(String script) throws IOException, InterruptedException {
        return new DocumentedCommands(folder).bash(script);
    }

    private byte[] recovered(String name) throws IOException {
        return Files.readAllBytes(folder.resolve("work").resolve(name));
    }

    private void write(String version, byte[] file) throws IOException {
        Files.write(home.resolve("guest-state-" + version + ".p7m"), file);
    }
}
