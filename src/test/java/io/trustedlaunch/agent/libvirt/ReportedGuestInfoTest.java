package io.trustedlaunch.agent.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfo.TimeZone;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReportedGuestInfoTest {
    private static final long GIB = 1L << 30;

    private final Answer answer = new Answer();

    /** As libvirt has it, by name. */
    private static final class Answer implements GuestAnswer {
        private final Map<String, Object> values = new HashMap<>();
        private int count;

        Answer with(String name, Object value) {
            values.put(name, value);
            return this;
        }

        Answer mounted(String device, String mountPoint, String type, Long total, Long used) {
            String prefix = "fs." + count + ".";
            with(prefix + "name", device)
                    .with(prefix + "mountpoint", mountPoint)
                    .with(prefix + "fstype", type);
            if (total != null) {
                with(prefix + "total-bytes", total).with(prefix + "used-bytes", used);
            }
            count++;
            return with("fs.count", count);
        }

        @Override
        public Optional<String> text(String name, int maxBytes) {
            return Optional.ofNullable((String) values.get(name))
                    .map(text -> text.getBytes(StandardCharsets.UTF_8))
                    .map(bytes -> Arrays.copyOf(bytes, Math.min(bytes.length, maxBytes)))
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public OptionalLong number(String name) {
            return values.get(name) instanceof Long number ? OptionalLong.of(number) : OptionalLong.empty();
        }

        @Override
        public OptionalInt integer(String name) {
            return values.get(name) instanceof Integer number ? OptionalInt.of(number) : OptionalInt.empty();
        }

        @Override
        public int size(String name) {
            return values.get(name) instanceof Integer number ? number : 0;
        }
    }

    @Test
    void aLinuxGuest() {
        answer.with("os.id", "debian")
                .with("os.name", "Debian GNU/Linux")
                .with("os.pretty-name", "Debian GNU/Linux 12 (bookworm)")
                .with("os.version", "12 (bookworm)")
                .with("os.version-id", "12")
                .with("os.kernel-release", "6.1.0-18-amd64")
                .with("timezone.name", "CET")
                .with("timezone.offset", 3600)
                .with("hostname", "payroll");

        assertThat(ReportedGuestInfo.os(answer))
                .isEqualTo(new OperatingSystem("debian", "Debian GNU/Linux 12 (bookworm)", "12", "6.1.0-18-amd64"));
        assertThat(ReportedGuestInfo.timeZone(answer)).isEqualTo(new TimeZone("CET", 3600));
        assertThat(ReportedGuestInfo.hostName(answer)).contains("payroll");
    }

    @Test
    void aWindowsGuest() {
        answer.with("os.id", "mswindows")
                .with("os.name", "Microsoft Windows")
                .with("os.pretty-name", "Windows Server 2022 Standard")
                .with("os.version", "Microsoft Windows Server 2022")
                .with("os.version-id", "2022")
                .with("os.kernel-release", "20348")
                .mounted("\\\\?\\Volume{4c1b02c1-d990-11dc-99ae-806e6f6e6963}\\", "C:\\", "NTFS", 100 * GIB, 25 * GIB)
                .mounted("\\\\?\\Volume{4c1b02c4-d990-11dc-99ae-806e6f6e6963}\\", "D:\\", "CDFS", GIB, GIB);

        assertThat(ReportedGuestInfo.os(answer))
                .isEqualTo(new OperatingSystem("mswindows", "Windows Server 2022 Standard", "2022", "20348"));
        assertThat(ReportedGuestInfo.fileSystems(answer))
                .containsExactly(new FileSystem("C:\\", "NTFS", 100 * GIB, 25));
    }

    @Test
    void aGuestThatKnowsLittle() {
        assertThat(ReportedGuestInfo.os(answer.with("os.name", "Plan 9").with("os.version", "4")))
                .isEqualTo(new OperatingSystem(null, "Plan 9", "4", null));
        assertThat(ReportedGuestInfo.timeZone(answer)).isEqualTo(new TimeZone(null, null));
        assertThat(ReportedGuestInfo.hostName(answer)).isEmpty();
        assertThat(ReportedGuestInfo.fileSystems(answer)).isEmpty();
        answer.mounted("vda1", "/", "ext4", null, null);
        assertThat(ReportedGuestInfo.fileSystems(answer)).containsExactly(new FileSystem("/", "ext4", null, null));
    }

    /** Those of snaps are always full, and a device is mounted again for each container. */
    @Test
    void aDeviceCountsOnceAndAReadOnlyImageDoesNot() {
        answer.mounted("dm-0", "/var/lib/kubelet/pods/1/volumes/a", "ext4", GIB, GIB / 2)
                .mounted("dm-0", "/", "ext4", GIB, GIB / 2)
                .mounted("dm-0", "/var/lib/kubelet/pods/2/volumes/b", "ext4", GIB, GIB / 2)
                .mounted("loop0", "/snap/core20/1234", "squashfs", GIB / 16, GIB / 16)
                .mounted("sr0", "/media/cdrom", "iso9660", GIB, GIB)
                .mounted("vda15", "/boot/efi", "vfat", GIB / 8, GIB / 100);

        assertThat(ReportedGuestInfo.fileSystems(answer))
                .containsExactly(new FileSystem("/", "ext4", GIB, 50), new FileSystem("/boot/efi", "vfat", GIB / 8, 8));
    }

    @Test
    void ofManyFileSystemsTheFullestStay() {
        for (int i = 0; i < 1000; i++) {
            answer.mounted("vd" + i, "/m" + (char) ('a' + i % 26) + i, "ext4", 100L, (long) (i % 100));
        }

        List<FileSystem> kept = ReportedGuestInfo.fileSystems(answer);

        assertThat(kept).hasSize(GuestInfo.MAX_FILE_SYSTEMS);
        assertThat(kept).extracting(FileSystem::usedPercent).allMatch(percent -> percent > 90);
        assertThat(kept).extracting(FileSystem::mountPoint).isSorted();
    }

    @Test
    void numbersThatCannotBeAreNone() {
        answer.mounted("a", "/a", "ext4", 0L, 0L)
                .mounted("b", "/b", "ext4", -1L, 5L)
                .mounted("c", "/c", "ext4", 10L, -1L)
                .mounted("d", "/d", "ext4", 10L, Long.MAX_VALUE)
                .with("timezone.offset", Integer.MIN_VALUE);

        assertThat(ReportedGuestInfo.fileSystems(answer))
                .containsExactly(
                        new FileSystem("/a", "ext4", 0L, null),
                        new FileSystem("/b", "ext4", 0L, null),
                        new FileSystem("/c", "ext4", 10L, null),
                        new FileSystem("/d", "ext4", 10L, 100));
        assertThat(ReportedGuestInfo.timeZone(answer).offsetSeconds()).isEqualTo(-18 * 60 * 60);
        answer.with("fs.count", -1);
        assertThat(ReportedGuestInfo.fileSystems(answer)).isEmpty();
        answer.with("fs.count", Integer.MAX_VALUE);
        assertThat(ReportedGuestInfo.fileSystems(answer)).hasSize(4);
    }

    @Test
    void textsAreShortAndPrintable() {
        String evil = "\u001b[2J\nroot# \u202e" + "x".repeat(1_000_000);
        answer.with("os.pretty-name", evil)
                .with("os.id", " \u0000 ")
                .with("os.kernel-release", "é".repeat(500))
                .with("hostname", evil)
                .with("timezone.name", evil)
                .mounted(evil, evil, evil, GIB, GIB);

        OperatingSystem os = ReportedGuestInfo.os(answer);
        assertThat(os.name()).hasSize(GuestInfo.MAX_NAME).startsWith("?[2J?root# ?x");
        assertThat(os.id()).isEqualTo("?");
        assertThat(os.kernelRelease()).isEqualTo("é".repeat(GuestInfo.MAX_NAME));
        assertThat(ReportedGuestInfo.timeZone(answer).name()).hasSize(64);
        assertThat(ReportedGuestInfo.fileSystems(answer)).singleElement().satisfies(each -> {
            assertThat(each.mountPoint()).hasSize(GuestInfo.MAX_PATH).startsWith("?[2J?root# ?x");
            assertThat(each.type()).hasSize(32);
        });
    }

    @Test
    void theVersionOfTheGuestAgent() {
        assertThat(ReportedGuestInfo.version("{\"return\":{\"version\":\"7.2.0\",\"supported_commands\":[]}}"))
                .contains("7.2.0");
        assertThat(ReportedGuestInfo.version("{\"return\":\"nonsense\"}")).isEmpty();
        assertThat(ReportedGuestInfo.version("{\"return\":{\"version\":{}}}")).isEmpty();
        assertThat(ReportedGuestInfo.version("")).isEmpty();
        assertThat(ReportedGuestInfo.version("[".repeat(60_000))).isEmpty();
        assertThat(ReportedGuestInfo.version("{\"return\":{\"version\":\"" + "9".repeat(60_000) + "\"}}"))
                .hasValueSatisfying(version -> assertThat(version).hasSize(64));
    }
}
