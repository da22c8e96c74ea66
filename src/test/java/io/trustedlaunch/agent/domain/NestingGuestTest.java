package io.trustedlaunch.agent.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trustedlaunch.agent.domain.NestingGuest.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The boot sector that proves nested virtualization, in QEMU's emulation, which has AMD's. */
class NestingGuestTest {
    private static final Path SOURCE = Path.of("src", "main", "boot", "nested-amd.S");
    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
    private static final int SECTOR = 512;

    @TempDir
    private Path folder;

    @Test
    void itsBytesAreThoseOfItsSource() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/as")), "skipped: binutils are not installed");
        Path object = folder.resolve("nested.o");
        Path sector = folder.resolve("nested.bin");
        run("as", "--64", "-o", object.toString(), SOURCE.toString());
        run(
                "ld",
                "-m",
                "elf_x86_64",
                "-Ttext",
                "0x7c00",
                "--oformat",
                "binary",
                "-o",
                sector.toString(),
                object.toString());

        assertThat(Files.readAllBytes(sector))
                .as("to update: the same two commands, with src/main/resources/…/nested-amd.bin as output")
                .isEqualTo(Arrays.copyOf(disk(), SECTOR));
    }

    @Test
    void itIsADiskThatABiosBoots() {
        assertThat(disk()).hasSize(1 << 20);
        assertThat(HexFormat.of().formatHex(disk(), SECTOR - 2, SECTOR)).isEqualTo("55aa");
        assertThat(NestingGuest.disk(Acceleration.KVM_NESTED_INTEL)).isEmpty();
    }

    @Test
    void itRunsAGuestOfItsOwn() throws Exception {
        assertThat(resultWith("max", disk())).isEqualTo(Result.RAN);
    }

    @Test
    void aProcessorThatCannotIsReported() throws Exception {
        assertThat(resultWith("max,-svm", disk())).isEqualTo(Result.NO_FEATURE);
        assertThat(resultWith("max,-npt", disk())).isEqualTo(Result.NO_FEATURE);
    }

    /** Its own guest executes an instruction that does not exist instead of HLT. */
    @Test
    void anotherEndOfItsGuestProvesNothing() throws Exception {
        byte[] broken = disk();
        int hlt = lastHlt(broken);
        broken[hlt] = 0x0f;
        broken[hlt + 1] = 0x0b;
        assertThat(resultWith("max", broken)).isEqualTo(Result.OTHER_EXIT);
    }

    /** The guest of the guest is the last instruction of the sector. */
    private static int lastHlt(byte[] sector) {
        for (int at = SECTOR - 1; at >= 0; at--) {
            if (sector[at] == (byte) 0xf4) {
                return at;
            }
        }
        throw new IllegalStateException("no HLT");
    }

    @Test
    void whatItDoesNotPrintProvesNothing() {
        assertThat(Result.of((byte) 'N')).isEqualTo(Result.RAN);
        for (byte other : new byte[] {0, 'n', 'S', -1}) {
            assertThat(Result.of(other)).isEqualTo(Result.SILENT);
        }
    }

    @Test
    void itsDomainHasWhatGuestsHaveThatNest() {
        String domain = TrialDomain.nesting(
                new UUID(0, 1), Acceleration.KVM_NESTED_AMD, Path.of("/run/x/nesting.raw"), Path.of("/run/x/serial"));

        assertThat(domain)
                .contains(
                        "<smm state=\"on\"/>",
                        "<feature policy=\"require\" name=\"svm\"/>",
                        "<iommu model=\"intel\">",
                        "<ioapic driver=\"qemu\"/>",
                        "bus=\"sata\"",
                        "/run/x/nesting.raw",
                        "/run/x/serial")
                .doesNotContain("<loader", "interface");
        assertThat(TrialDomain.render(new UUID(0, 1), Acceleration.KVM_NESTED_AMD))
                .doesNotContain("<disk", "<serial");
    }

    private Result resultWith(String cpu, byte[] disk) throws Exception {
        assumeTrue(Files.isExecutable(QEMU), "skipped: QEMU is not installed");
        Path file = Files.write(folder.resolve("disk.raw"), disk);
        Path output = folder.resolve("serial");
        Files.deleteIfExists(output);
        Process qemu = new ProcessBuilder(
                        QEMU.toString(),
                        "-machine",
                        "q35,smm=on,accel=tcg",
                        "-cpu",
                        cpu,
                        "-m",
                        "64",
                        "-nodefaults",
                        "-display",
                        "none",
                        "-drive",
                        "if=none,id=disk,format=raw,file=" + file,
                        "-device",
                        "ide-hd,drive=disk",
                        "-serial",
                        "file:" + output)
                .inheritIO()
                .start();
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !qemu.isAlive() || (Files.exists(output) && Files.size(output) > 0));
            return Result.of(Files.readAllBytes(output)[0]);
        } finally {
            qemu.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static byte[] disk() {
        return NestingGuest.disk(Acceleration.KVM_NESTED_AMD).orElseThrow();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
