package io.trustedlaunch.gueststate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/recovery.md as they stand there, with a {@code kubectl} that knows one Secret. */
class RecoveryDocTest {
    private static final Pattern COMMANDS = Pattern.compile("^```sh\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final int CLEAN_UP = 1;

    private final GuestStateFixture fixture = new GuestStateFixture();

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void aHomeWithTwoVersions() throws IOException {
        home = Files.createDirectories(folder.resolve("location").resolve(GuestStateFixture.VM.toString()));
        write(GuestStateFixture.OLDER_VERSION.toString(), fixture.older);
        write(GuestStateFixture.VERSION.toString(), fixture.sealed);
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

        assertThat(result.exitCode).as(result.output).isZero();
        assertThat(recovered("tpm2-00.permall")).isEqualTo(fixture.state.tpm());
        assertThat(recovered("uefi-variables.fd")).isEqualTo(fixture.state.variables());
        assertThat(recovered("manifest.json"))
                .isEqualTo(Manifest.of(fixture.state).encoded());
        assertThat(recovered("tpm-passphrase"))
                .isEqualTo(fixture.protectionKey.tpmSecret(GuestStateFixture.VM.toString()));
        assertThat(result.output)
                .contains("3e 0a 6c 1c 6f 0e 4a 53", HexFormat.of().formatHex(fixture.key.identifier()));
        assertThat(result.output).contains("\"generation\": 7", "tpm2-00.permall: OK", "uefi-variables.fd: OK");
        assertThat(Files.getPosixFilePermissions(folder.resolve("work/tpm2-00.permall")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void theLastStepLeavesNothing() throws Exception {
        Result result = run(commands());

        assertThat(result.exitCode).as(result.output).isZero();
        assertThat(folder.resolve("work")).doesNotExist();
        assertThat(home).isDirectoryContaining("glob:**.p7m");
    }

    /** The tag's last byte: openssl has written all of the content before it finds out. */
    @Test
    void nothingIsKeptOfAnAlteredFile() throws Exception {
        write(GuestStateFixture.VERSION.toString(), Damage.flipped(fixture.sealed, fixture.sealed.length - 1, 0x01));

        Result result = run(commands());

        assertThat(result.exitCode).isNotZero();
        assertThat(result.output).contains("was altered");
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    @Test
    void aFileUnderAnotherKeyIsNotOpened() throws Exception {
        write(GuestStateFixture.VERSION.toString(), fixture.underOtherKey);

        Result result = run(commands());

        assertThat(result.exitCode).isNotZero();
        assertThat(result.output).contains("not of VM " + GuestStateFixture.VM + " under this key");
        assertThat(folder.resolve("work")).isEmptyDirectory();
    }

    private record Result(int exitCode, String output) {}

    private static List<String> commands() throws IOException {
        List<String> blocks = COMMANDS.matcher(Files.readString(Path.of("docs/recovery.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
        assertThat(blocks).as("blocks of commands").hasSize(7);
        return blocks;
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
        Path output = folder.resolve("output");
        ProcessBuilder bash = new ProcessBuilder("bash", "-e", "-u", "-o", "pipefail", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        bash.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
        Process process = bash.start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(1, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended).as("the commands end").isTrue();
        return new Result(process.exitValue(), Files.readString(output, UTF_8));
    }

    private static String replaced(String text, String what, String with) {
        assertThat(text).containsOnlyOnce(what);
        return text.replace(what, with);
    }

    private byte[] recovered(String name) throws IOException {
        return Files.readAllBytes(folder.resolve("work").resolve(name));
    }

    private void write(String version, byte[] file) throws IOException {
        Files.write(home.resolve("guest-state-" + version + ".p7m"), file);
    }
}
