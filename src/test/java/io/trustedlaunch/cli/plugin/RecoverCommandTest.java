package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.Commands;
import io.trustedlaunch.recovery.EscrowedVm;
import io.trustedlaunch.testkit.OpenSsl;
import io.trustedlaunch.testkit.RecoveryPair;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code kubectl tlvm recover}: the VMs it finds, the file it writes, and its exit code. */
class RecoverCommandTest {
    private static final UUID PAYROLL = UUID.fromString("5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11");
    private static final UUID BILLING = UUID.fromString("b5f3a8de-1c1b-4a44-8a0f-6c6a1e0d9f22");

    @TempDir
    Path folder;

    private RecoveryPair pair;
    private Path location;
    private Path payroll;
    private Path output;
    private EscrowedVm vm;

    private record Ended(int exitCode, String out, String err) {}

    @BeforeEach
    void aLocationWithAVm() throws IOException {
        pair = RecoveryPair.make(folder, "ec:P-256");
        location = Files.createDirectories(folder.resolve("location"));
        Files.createDirectories(location.resolve("images"));
        vm = new EscrowedVm("payroll", PAYROLL, pair.certificate());
        payroll = vm.writeTo(location);
        output = folder.resolve("recovered.yaml");
    }

    @Test
    void theManifestsOfALocationsVmsAreReadableByTheirOwnerOnly() throws IOException {
        new EscrowedVm("billing", BILLING, pair.certificate()).writeTo(location);

        Ended ended = recover(pair.keyFile(), output, location);

        assertThat(ended.exitCode).as(ended.err).isZero();
        assertThat(ended.out).isEmpty();
        assertThat(ended.err)
                .contains(
                        "recovered VM finance/payroll, guest state 3-7, endorsement key 5e5e",
                        "recovered VM finance/billing")
                .doesNotContain(key());
        assertThat(output).content().contains(PAYROLL.toString(), BILLING.toString(), key());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(output)))
                .isEqualTo("rw-------");
    }

    @Test
    void oneVmCanBeWrittenToStandardOutput() {
        Ended ended = recover(pair.keyFile(), Path.of("-"), payroll);

        assertThat(ended.exitCode).isZero();
        assertThat(ended.out).contains("kind: \"Secret\"", "kind: \"TrustedLaunchVM\"", key());
    }

    @Test
    void theOutputIsRequired() {
        Ended ended = run("recover", "--key", pair.keyFile().toString(), location.toString());

        assertThat(ended.exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(ended.out + ended.err).contains("--output").doesNotContain(key());
    }

    @Test
    void anExistingFileIsNotOverwritten() throws IOException {
        Files.writeString(output, "mine");

        assertThat(recover(pair.keyFile(), output, location).exitCode).isNotZero();
        assertThat(output).hasContent("mine");
    }

    @Test
    void aFailureIsReportedAndTheOtherVmsAreWritten() throws IOException {
        Path broken = Files.createDirectory(location.resolve(BILLING.toString()));
        Files.writeString(broken.resolve("protection-key-1.p7m"), "not one");

        Ended ended = recover(pair.keyFile(), output, location);

        assertThat(ended.exitCode).isEqualTo(1);
        assertThat(ended.err).contains(broken + ": not recovered: protection-key-1.p7m cannot be used");
        assertThat(output).content().contains(PAYROLL.toString()).doesNotContain(BILLING.toString());
    }

    @Test
    void nothingIsWrittenIfNoVmIsRecovered(@TempDir Path elsewhere) {
        Ended ended = recover(RecoveryPair.make(elsewhere, "ec:P-256").keyFile(), output, location);

        assertThat(ended.exitCode).isEqualTo(1);
        assertThat(ended.err).contains("it was sealed for the recovery key");
        assertThat(output).doesNotExist();
        assertThat(recover(pair.keyFile(), output, folder).err).contains(folder + ": no VM folder found");
        assertThat(recover(pair.keyFile(), output, folder.resolve("none")).exitCode)
                .isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void anEncryptedKeyIsOpenedWithThePasswordFile() throws Exception {
        Path encrypted = folder.resolve("encrypted.pem");
        Path password = Files.writeString(folder.resolve("password"), "right\n");
        OpenSsl.run(
                "pkcs8",
                "-topk8",
                "-in",
                pair.keyFile().toString(),
                "-out",
                encrypted.toString(),
                "-passout",
                "pass:right");

        Ended ended = run(
                "recover",
                "--namespace",
                "finance",
                "--key",
                encrypted.toString(),
                "--key-password-file",
                password.toString(),
                "-o",
                output.toString(),
                location.toString());
        assertThat(ended.exitCode).as(ended.err).isZero();

        Files.writeString(password, "wrong\n");
        Files.delete(output);
        Ended refused = run(
                "recover",
                "--namespace",
                "finance",
                "--key",
                encrypted.toString(),
                "--key-password-file",
                password.toString(),
                "-o",
                output.toString(),
                location.toString());
        assertThat(refused.exitCode).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(refused.err).contains("the password does not open it");
    }

    @Test
    void aCertificateIsRefusedAsKey() {
        assertThat(recover(pair.certificateFile(), output, location).err).contains("it holds no private key in PEM");
    }

    /** The attacker has the certificate, which is no secret, and can write to the storage. */
    @Test
    void aForgedFolderBringsNoVmIntoANamespaceThatNobodyNamed() throws IOException {
        new EscrowedVm("trap", BILLING, pair.certificate(), "kube-system").writeTo(location);

        Ended ended = recover(pair.keyFile(), output, location);

        assertThat(ended.exitCode).isEqualTo(1);
        assertThat(ended.err)
                .contains("not written: VM kube-system/trap. Its folder does not prove that it was in namespace"
                        + " kube-system: if it was, repeat with --namespace kube-system");
        assertThat(output).content().contains(PAYROLL.toString()).doesNotContain("kube-system", BILLING.toString());
    }

    @Test
    void withoutATerminalTheNamespacesMustBeNamed() {
        Ended ended = run("recover", "--key", pair.keyFile().toString(), "-o", output.toString(), location.toString());

        assertThat(ended.exitCode).isEqualTo(1);
        assertThat(ended.err).contains("not written: VM finance/payroll");
        assertThat(output).doesNotExist();
    }

    @Test
    void onATerminalEachNamespaceIsAskedForOnce() throws IOException {
        new EscrowedVm("billing", BILLING, pair.certificate()).writeTo(location);
        UUID third = UUID.randomUUID();
        new EscrowedVm("trap", third, pair.certificate(), "kube-system").writeTo(location);
        StringWriter err = new StringWriter();

        int exitCode = Commands.line(new RecoverCommand(new StringReader("yes\nno\n"), true))
                .setErr(new PrintWriter(err))
                .execute("--key", pair.keyFile().toString(), "-o", output.toString(), location.toString());

        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString())
                .containsOnlyOnce("Were these VMs in namespace finance: payroll, billing? (yes or no)")
                .containsOnlyOnce("Were these VMs in namespace kube-system: trap? (yes or no)");
        assertThat(output)
                .content()
                .contains(PAYROLL.toString(), BILLING.toString())
                .doesNotContain(third.toString());
    }

    private Ended recover(Path key, Path to, Path... folders) {
        List<String> arguments = new ArrayList<>(
                List.of("recover", "--namespace", "finance", "--key", key.toString(), "-o", to.toString()));
        for (Path each : folders) {
            arguments.add(each.toString());
        }
        return run(arguments.toArray(String[]::new));
    }

    private static Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Commands.line(new KubectlTlvm())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ended(exitCode, out.toString(), err.toString());
    }

    private String key() {
        return Base64.getEncoder().encodeToString(vm.key.bytes());
    }
}
