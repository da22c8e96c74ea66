package io.trustedlaunch.agent.incarnation.record;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static io.trustedlaunch.agent.incarnation.plan.RecordFixture.seen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.testkit.Vms;
import io.trustedlaunch.testkit.faultydisk.VolatileDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmRecordStoreTest {
    private static final VmRecord RECORD = seen(3).named(new VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null), "/vms")
            .withDisk("os")
            .withEk("ek")
            .withFences(3, List.of("host-y-3f0c6d6e"))
            .resumed(3)
            .withShutdown(3, Instant.parse("2026-03-01T12:00:00Z"))
            .withCopyOf(3, version("2-9"))
            .sealed(version("3-2"))
            .completedBy(3)
            .withEnd(3, Exit.PoweredOff)
            .withArrival(3, new ArrivalRecord("host-z", 2, true, Optional.of("/srv/vms")))
            .withDeparture(
                    3,
                    DepartureRecordBuilder.builder()
                            .epoch(4)
                            .nodeName("host-z")
                            .course(Course.Stayed)
                            .problem(Optional.of(new Problem(Reason.MigrationFailed, "the link is down")))
                            .folder(Optional.of(new DepartureRecord.Folder("/srv/vms", DepartureRecord.Stage.Needed)))
                            .build());

    @TempDir
    private Path root;

    private VmRecordStore store;
    private Path file;

    @BeforeEach
    void makeStore() {
        store = new VmRecordStore(root.resolve("vms"));
        file = root.resolve("vms").resolve(VM + ".json");
    }

    @Test
    void aRecordIsReadAsWrittenAndNoOtherFileIsLeft() throws IOException {
        store.updateOrBegin(VM, record -> seen(1));
        store.updateOrBegin(VM, record -> RECORD);

        assertThat(new VmRecordStore(root.resolve("vms")).lookUp(VM)).isEqualTo(new RecordLookup.Found(RECORD));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactlyInAnyOrder(file, file.resolveSibling(".lock"));
        }
    }

    @Test
    void anUnchangedRecordIsNotWrittenAgainByItsWriter() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        store.update(VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isEqualTo(written);
    }

    @Test
    void aRecordAndItsRemovalSurviveAPowerCut() throws IOException {
        VolatileDisk disk = new VolatileDisk(List.of(root), Files.createDirectory(root.resolve("kept")));
        store = new VmRecordStore(disk.view(root.resolve("vms")));
        store.updateOrBegin(VM, record -> RECORD);
        disk.losePower();
        assertThat(store.lookUp(VM)).isEqualTo(new RecordLookup.Found(RECORD));

        store.forget(VM, RECORD);
        disk.losePower();
        assertThat(store.lookUp(VM)).isEqualTo(new RecordLookup.Missing());
    }

    /** The record may be in the page cache only: its writer died, or failed, before it was durable. */
    @Test
    void aRecordOfAnotherProcessIsMadeDurableBeforeItIsUsed() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Object written = Files.readAttributes(file, BasicFileAttributes.class).fileKey();

        new VmRecordStore(root.resolve("vms")).update(VM, record -> record);

        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isNotEqualTo(written);
        assertThat(store.lookUp(VM)).isEqualTo(new RecordLookup.Found(RECORD));
    }

    @Test
    void onlyItsOwnerMayReadARecord() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void aVmThatWasNeverHereHasNoRecord() {
        assertThat(store.lookUp(VM)).isEqualTo(new RecordLookup.Missing());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "not JSON",
                "{\"format\":3,\"vm\":\"" + Vms.UID + "\",\"record\":{}}",
                "{\"format\":3,\"vm\":\"" + Vms.UID + "\",\"record\":{\"erasedUpTo\":3}}"
            })
    void anUntrustworthyRecordIsDamaged(String content) throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Files.writeString(file, content);

        assertThat(store.lookUp(VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vmRef", "location", "ekDigest", "disksMade", "newest", "erasedUpTo", "incarnations"})
    void aRecordWithoutOneOfItsFieldsIsDamaged(String field) throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        JsonMapper json = new JsonMapper();
        ObjectNode page = (ObjectNode) json.readTree(file.toFile());
        ((ObjectNode) page.get("record")).remove(field);
        Files.writeString(file, page.toString());

        assertThat(store.lookUp(VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aRecordOfAnotherFormatIsRefusedWithAMessage(int format) throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Files.writeString(file, Files.readString(file).replace("\"format\":3", "\"format\":" + format));

        assertThat(store.lookUp(VM))
                .isInstanceOfSatisfying(
                        RecordLookup.Damaged.class,
                        damaged -> assertThat(damaged.message()).contains("format " + format, "install the version"));
    }

    @Test
    void aRecordWithAnUnknownFieldIsDamaged() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Files.writeString(file, Files.readString(file).replace("\"erasedUpTo\":", "\"fenced\":true,\"erasedUpTo\":"));

        assertThat(store.lookUp(VM)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @Test
    void aRecordOfAnotherVmIsDamaged() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        UUID other = UUID.randomUUID();
        Files.copy(file, file.resolveSibling(other + ".json"));

        assertThat(store.lookUp(other)).isInstanceOf(RecordLookup.Damaged.class);
    }

    @Test
    void aDamagedRecordIsKeptWhenANewOneIsBegun() throws IOException {
        store.updateOrBegin(VM, record -> RECORD);
        Files.writeString(file, "torn");

        store.updateOrBegin(VM, record -> record.seen(4));

        assertThat(store.require(VM)).isEqualTo(seen(4));
        assertThat(file.resolveSibling(VM + ".json.damaged")).hasContent("torn");
    }

    @Test
    void aRecordThatHasChangedIsNotForgotten() {
        store.updateOrBegin(VM, record -> RECORD);

        store.forget(VM, seen(2));
        assertThat(store.vms()).containsExactly(VM);

        store.forget(VM, RECORD);
        assertThat(store.lookUp(VM)).isEqualTo(new RecordLookup.Missing());
        store.updateOrBegin(VM, record -> RECORD);
        assertThat(store.require(VM)).isEqualTo(RECORD);
    }

    /** Its pod was deleted by force, and it still runs. */
    @Test
    void noChangeIsLostWhenAnotherAgentUsesTheSameRecords() throws Exception {
        int disks = 100;
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherAgent.class.getName(),
                        file.getParent().toString(),
                        VM.toString(),
                        Integer.toString(disks))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("begins");
            for (int disk = 0; disk < disks; disk++) {
                String name = "own-" + disk;
                store.updateOrBegin(VM, record -> record.withDisk(name));
            }
            assertThat(other.waitFor()).isZero();
        } finally {
            other.destroyForcibly().onExit().join();
        }

        assertThat(store.require(VM).disksMade()).hasSize(2 * disks);
    }

    /** An interrupt closes the channel that it meets. */
    @Test
    void recordsCanBeChangedAfterAThreadWasInterrupted() {
        store.updateOrBegin(VM, record -> RECORD);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> store.update(VM, record -> record.seen(4)))
                    .isInstanceOf(UncheckedIOException.class);
        } finally {
            Thread.interrupted();
        }

        store.update(VM, record -> record.seen(5));

        assertThat(store.require(VM).highestEpoch()).isEqualTo(5);
    }
}
