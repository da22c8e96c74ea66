package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.seed.Xorriso;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.ImageFormat;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole life cycle of a copy, with the host's qemu-img. */
class ImportOrdersTest {
    private static final long MEBIBYTE = 1L << 20;

    @TempDir
    private Path root;

    private ImportWorld world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new ImportWorld(root);
    }

    @ParameterizedTest
    @CsvSource({"raw, raw", "qcow2, qcow2", "vpc, vhd", "vhdx, vhdx"})
    void anImageOfEachFormatIsImportedAndReportedOnce(String source, ImageFormat format) throws IOException {
        make(source);

        world.pass();
        world.pass();

        assertThat(world.written).hasSize(1);
        assertThat(world.fetches).isEqualTo(1);
        assertThat(world.imports.times()).hasSize(1);
        assertThat(world.imports.failures()).isZero();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.status().format()).isEqualTo(format.name());
        assertThat(world.status().virtualSize()).hasToString("2Mi");
        assertThat(world.files()).containsExactly(ImageCopies.IMAGE.toString());
    }

    /** And stays, whatever looks at it again. */
    @Test
    void aDiscIsImportedOnce() throws IOException {
        Path files = Files.createDirectory(root.resolve("files"));
        Files.writeString(files.resolve("word"), "apple");
        new Xorriso().write("disc", files, world.source());
        world.createDisc(ImageCopies.sha256(world.source()));

        for (int pass = 0; pass < 3; pass++) {
            world.pass();
            world.later(Duration.ofMinutes(2));
        }

        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.status().format()).isEqualTo(ImageFormat.raw.name());
        assertThat(world.fetches).isEqualTo(1);
    }

    @Test
    void aDiskIsNotImportedAsADiscNorADiscAsADisk() throws IOException {
        make("raw");
        world.createDisc(ImageCopies.sha256(world.source()));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageUnusable.name());
        assertThat(world.message()).contains("neither an ISO 9660 nor a UDF disc");
        assertThat(world.files()).isEmpty();

        Files.delete(world.source());
        new Xorriso().write("disc", Files.createDirectory(root.resolve("files")), world.source());
        world.restartAgent();
        world.create(ImageCopies.sha256(world.source()));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageUnusable.name());
        assertThat(world.files()).isEmpty();
    }

    @Test
    void onlyTheAdministratorCanAccessACopy() throws IOException {
        make("qcow2");

        world.pass();

        Path folder = world.location.resolve(".images");
        assertThat(mode(folder)).isEqualTo("rwx------");
        assertThat(mode(folder.resolve(ImageCopies.IMAGE.toString()))).isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2", "vpc", "vhdx"})
    void aCopyHasTheSameDigest(String format) throws IOException {
        make(format);

        world.pass();

        assertThat(world.location.resolve(".images").resolve(ImageCopies.IMAGE.toString()))
                .hasSameBinaryContentAs(world.source());
    }

    @Test
    void aWrongDigestLeavesNothingAndIsRetriedOnceAnotherFileHasSettled() throws IOException {
        make("qcow2");
        byte[] right = Files.readAllBytes(world.source());
        Files.write(world.source(), new byte[] {1});

        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.DigestMismatch.name());
        assertThat(world.message()).contains("images/proof");
        assertThat(world.files()).isEmpty();

        world.later(Duration.ofSeconds(60));
        assertThat(world.pass()).isLessThan(Duration.ofSeconds(5));
        Files.write(world.source(), Arrays.copyOf(right, right.length / 2));
        world.pass();
        Files.write(world.source(), right);
        world.pass();
        assertThat(world.fetches).isEqualTo(1);

        world.later(Duration.ofSeconds(1));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.fetches).isEqualTo(2);
    }

    @Test
    void aFileOfAnotherSizeThanInTheCatalogIsReportedAndLeavesNothing() throws IOException {
        make("qcow2");
        long size = Files.size(world.source());
        world.create(ImageCopies.sha256(world.source()), size + 1);

        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageSizeMismatch.name());
        assertThat(world.message()).contains(Long.toString(size)).contains(Long.toString(size + 1));
        assertThat(world.files()).isEmpty();

        world.restartAgent();
        world.create(ImageCopies.sha256(world.source()), size);
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
    }

    @Test
    void aFailedImportIsRetriedWithGrowingDelaysAndRecovers() throws IOException {
        make("qcow2");
        world.interference = progress -> {
            throw new IOException("Input/output error");
        };
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.HostFileFault.name());
        assertThat(world.message()).contains("Input/output error");

        world.later(Duration.ofSeconds(5));
        world.pass();
        assertThat(world.fetches).isEqualTo(2);
        world.later(Duration.ofSeconds(9));
        world.pass();
        assertThat(world.fetches).isEqualTo(2);
        world.interference = progress -> {};
        world.later(Duration.ofSeconds(1));
        world.pass();

        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.written).hasSize(2);
        assertThat(world.imports.failures()).isEqualTo(2);
        assertThat(world.imports.times()).hasSize(1);
    }

    @Test
    void aFullLocationIsReportedAndNothingIsLeftInIt() throws IOException {
        make("qcow2");
        world.interference = progress -> {
            Files.write(download(), new byte[1024]);
            throw new IOException("No space left on device");
        };

        world.pass();

        assertThat(world.reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(world.message()).contains(world.location.toString());
        assertThat(world.files()).isEmpty();

        world.interference = progress -> {};
        world.later(Duration.ofSeconds(5));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
    }

    @Test
    void nothingIsImportedIntoAnUnrestrictedLocation() throws IOException {
        make("qcow2");
        Files.setPosixFilePermissions(world.location, PosixFilePermissions.fromString("rwxr-xr-x"));

        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.LocationNotRestricted.name());
        assertThat(world.fetches).isZero();

        Files.setPosixFilePermissions(world.location, PosixFilePermissions.fromString("rwx--x---"));
        world.later(Duration.ofSeconds(5));
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
    }

    @Test
    void aLongImportIsReportedAtMostEveryTenSeconds() throws IOException {
        make("vhdx");
        world.interference = progress -> {
            for (int second = 0; second < 25; second++) {
                progress.at(second, OptionalLong.of(100));
                world.later(Duration.ofSeconds(1));
            }
        };

        world.pass();

        assertThat(world.written.stream().map(status -> status.progressPercent()))
                .containsExactly(10, 20, 100);
        assertThat(world.written.getFirst().transferred()).hasToString("10");
        assertThat(world.written.getFirst().size()).hasToString("100");
        assertThat(world.written.getFirst().conditions().getFirst().getMessage())
                .contains("fetching the image");
        assertThat(world.status().transferred()).hasToString("20");
        assertThat(world.status().size()).hasToString("100");
    }

    @Test
    void aLongImportThatFailsIsNotReadySinceItsFirstReport() throws IOException {
        make("vhdx");
        world.interference = progress -> {
            world.later(Duration.ofSeconds(10));
            progress.at(1, OptionalLong.of(100));
            world.later(Duration.ofSeconds(5));
            throw new IOException("Input/output error");
        };

        world.pass();

        assertThat(world.reason()).isEqualTo(Reason.HostFileFault.name());
        assertThat(world.written.stream()
                        .map(status -> status.conditions().getFirst().getLastTransitionTime()))
                .containsExactly("2026-03-01T12:00:10Z", "2026-03-01T12:00:10Z");
    }

    @Test
    void anObsoleteImportEndsAndLeavesNothing() throws IOException {
        make("qcow2");
        world.interference = progress -> {
            world.delete();
            progress.at(1, OptionalLong.of(100));
        };

        world.pass();
        assertThat(world.written).isEmpty();
        assertThat(world.imports.failures()).isEqualTo(1);

        world.pass();
        assertThat(world.status().removed()).isTrue();
        assertThat(world.files()).isEmpty();
        assertThat(world.fetches).isEqualTo(1);
    }

    /** Its finalizer was removed by hand. */
    @Test
    void anImportOfACopyThatIsGoneEndsAndLeavesNothing() throws IOException {
        make("qcow2");
        world.interference = progress -> {
            Files.write(download(), new byte[1024]);
            world.gone = true;
            progress.at(1, OptionalLong.of(100));
        };

        assertThat(world.pass()).isEqualTo(ImportWorld.NEVER);

        assertThat(world.written).isEmpty();
        assertThat(world.files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAgentStoppedDuringAFetchReportsNothingAndLeavesTheDownload(boolean fails) throws IOException {
        make("raw");
        world.interference = progress -> {
            Files.write(download(), new byte[1024]);
            world.stopAgent();
            if (fails) {
                throw new IOException("Closed by interrupt");
            }
            progress.at(1, OptionalLong.of(100));
        };

        world.pass();

        assertThat(world.written).isEmpty();
        assertThat(download()).hasSize(1024);
        world.restartAgent();
        world.interference = progress -> {};
        world.pass();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
    }

    @Test
    void aRemovalThatFailsIsReportedAndTriedAgain() throws IOException {
        make("raw");
        world.pass();
        Path copy = world.location.resolve(".images").resolve(ImageCopies.IMAGE.toString());
        Files.delete(copy);
        Files.createDirectories(copy.resolve("another"));
        Files.createDirectories(world.workplace());
        world.delete();

        assertThat(world.pass()).isLessThan(Duration.ofSeconds(5));
        assertThat(world.reason()).isEqualTo(Reason.HostFileFault.name());
        assertThat(world.status().removed()).isNull();

        Files.delete(copy.resolve("another"));
        world.pass();
        assertThat(world.status().removed()).isTrue();
        assertThat(world.workplace()).doesNotExist();
    }

    @Test
    void aRemovedFileIsImportedAgain() throws IOException {
        make("qcow2");
        world.pass();
        Files.delete(world.location.resolve(".images").resolve(ImageCopies.IMAGE.toString()));

        world.pass();

        assertThat(world.fetches).isEqualTo(2);
        assertThat(world.files()).containsExactly(ImageCopies.IMAGE.toString());
        assertThat(world.written).hasSize(1);
    }

    /** Before its size and format are on record. */
    @Test
    void aFileThatWasReplacedByWhatNoToolMayOpenIsImportedAgain() throws IOException {
        make("qcow2");
        world.serverDown = true;
        world.pass();
        Files.writeString(
                world.location.resolve(".images").resolve(ImageCopies.IMAGE.toString()), "# Disk DescriptorFile");

        world.serverDown = false;
        world.pass();

        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.location.resolve(".images").resolve(ImageCopies.IMAGE.toString()))
                .hasSameBinaryContentAs(world.source());
    }

    @Test
    void leftoversOfADeletedCopyAreRemovedAndAnotherNodesAreNot() throws IOException {
        make("raw");
        Path staging = world.location.resolve(".images").resolve(".staging-" + ImageCopies.NODE);
        Path ofOther =
                world.location.resolve(".images").resolve(".staging-host-b").resolve("copy");
        Files.createDirectories(staging.resolve("5f1f4d9c-9b40-4f5c-8d1e-2a6b7c0a2a1e"));
        Files.createDirectories(ofOther);
        Files.write(staging.resolve("5f1f4d9c-9b40-4f5c-8d1e-2a6b7c0a2a1e/download"), new byte[] {1});
        Files.write(ofOther.resolve("download"), new byte[] {1});

        world.pass();

        assertThat(staging).isEmptyDirectory();
        assertThat(ofOther.resolve("download")).exists();
    }

    @Test
    void anotherNodesUnfinishedImportIsRemovedOnceTheImageIsThere() throws IOException {
        make("raw");
        Path begun = beginElsewhere();
        world.interference = progress -> assertThat(begun).exists();

        world.pass();

        assertThat(begun.getParent()).doesNotExist();
        assertThat(world.files()).containsExactly(ImageCopies.IMAGE.toString());
    }

    @Test
    void aCopyThatIsRemovedLeavesAnotherNodesUnfinishedImport() throws IOException {
        make("raw");
        world.pass();
        Path begun = beginElsewhere();
        world.delete();

        world.pass();

        assertThat(world.status().removed()).isTrue();
        assertThat(begun).exists();
    }

    private Path beginElsewhere() throws IOException {
        UUID other = UUID.fromString("51c7b1f2-6a6e-4b58-9d9b-0c7f5e7f3a09");
        world.elsewhere = List.of(ImageCopies.at("host-b", other, world.location, "images/proof", "0".repeat(64)));
        Path begun = new ImageFolder(world.location).download("host-b", other);
        Files.createDirectories(begun.getParent());
        Files.write(begun, new byte[] {1});
        return begun;
    }

    @Test
    void aStatusThatTheServerRefusedIsWrittenAgain() throws IOException {
        make("raw");
        world.serverDown = true;
        world.pass();
        assertThat(world.status()).isNull();

        world.serverDown = false;
        world.pass();

        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.fetches).isEqualTo(1);
    }

    @Test
    void noFileHasItsFinalNameBeforeItIsVerified() throws IOException {
        make("vhdx");
        world.arm(Failpoint.IMPORTER_FETCHED);

        assertThatExceptionOfType(FailpointFolder.Died.class).isThrownBy(world::pass);

        assertThat(new ImageFolder(world.location).find(ImageCopies.IMAGE)).isEmpty();
        assertThat(world.files()).isNotEmpty();
    }

    static Stream<Failpoint> points() {
        return Arrays.stream(Failpoint.values()).filter(point -> point.id().startsWith("importer."));
    }

    @ParameterizedTest
    @MethodSource("points")
    void anAgentThatDiesAnywhereReachesTheSameResult(Failpoint point) throws IOException {
        make("vhdx");
        world.arm(point);

        world.passUntilItRuns();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        assertThat(world.status().virtualSize()).hasToString("2Mi");

        world.delete();
        world.passUntilItRuns();
        assertThat(world.status().removed()).isTrue();
        assertThat(world.files()).isEmpty();
        assertThat(world.isArmed(point)).as("the point was reached").isFalse();
    }

    /** It may have died elsewhere as soon as the report was written. */
    @Test
    void anAgentThatDidNotLearnThatItHadReportedPassesThatPointAgain() throws IOException {
        make("vhdx");
        world.passUntilItRuns();
        assertThat(world.reason()).isEqualTo(Reason.ImageImported.name());
        world.restartAgent();
        world.arm(Failpoint.IMPORTER_READY_REPORTED);

        assertThatExceptionOfType(FailpointFolder.Died.class).isThrownBy(world::pass);
    }

    private void make(String format) throws IOException {
        if (format.equals("raw")) {
            byte[] disk = new byte[(int) (2 * MEBIBYTE)];
            disk[510] = 0x55;
            disk[511] = (byte) 0xAA;
            disk[disk.length - 1] = 2;
            Files.write(world.source(), disk);
        } else {
            String file = world.source().toString();
            if (format.equals("vpc")) {
                QemuImages.qemuImg("create", "-f", format, "-o", "force_size=on", file, "2M");
            } else {
                QemuImages.qemuImg("create", "-f", format, file, "2M");
            }
        }
        world.create(ImageCopies.sha256(world.source()));
    }

    private Path download() {
        return new ImageFolder(world.location).download(ImageCopies.NODE, ImageCopies.UID);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }
}
