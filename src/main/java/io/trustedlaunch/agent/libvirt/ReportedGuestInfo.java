package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.FileSystem;
import io.trustedlaunch.api.vm.GuestInfo.OperatingSystem;
import io.trustedlaunch.api.vm.GuestInfo.TimeZone;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What a guest agent answers, of which only what is kept becomes an object. */
final class ReportedGuestInfo {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A character has at most four bytes. */
    private static final int BYTES = 4;

    /** libvirt passes on up to 2048 values. */
    private static final int MOST_LOOKED_AT = 256;

    private static final int PERCENT = 100;

    /** They are always full, and there is one for each snap or disc. */
    private static final Set<String> READ_ONLY = Set.of("squashfs", "erofs", "cramfs", "iso9660", "udf", "cdfs");

    private ReportedGuestInfo() {}

    /** The version in an answer to guest-info. */
    static Optional<String> version(String answer) {
        try {
            return Optional.ofNullable(
                            JSON.readTree(answer).path("return").path("version").textValue())
                    .map(version -> Messages.bounded(version, Messages.MAX_VERSION));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    static OperatingSystem os(GuestAnswer answer) {
        return new OperatingSystem(
                text(answer, "os.id", Messages.MAX_VERSION).orElse(null),
                text(answer, "os.pretty-name", GuestInfo.MAX_NAME)
                        .or(() -> text(answer, "os.name", GuestInfo.MAX_NAME))
                        .orElse(null),
                text(answer, "os.version-id", Messages.MAX_VERSION)
                        .or(() -> text(answer, "os.version", Messages.MAX_VERSION))
                        .orElse(null),
                text(answer, "os.kernel-release", GuestInfo.MAX_NAME).orElse(null));
    }

    static Optional<String> hostName(GuestAnswer answer) {
        return text(answer, "hostname", GuestInfo.MAX_HOST_NAME);
    }

    static TimeZone timeZone(GuestAnswer answer) {
        var offset = answer.integer("timezone.offset");
        return new TimeZone(
                text(answer, "timezone.name", Messages.MAX_VERSION).orElse(null),
                offset.isPresent() ? offset.getAsInt() : null);
    }

    /** One for each device, at its shortest mount point: a device can be mounted many times, as by containers. */
    static List<FileSystem> fileSystems(GuestAnswer answer) {
        Map<String, FileSystem> byDevice = new LinkedHashMap<>();
        int count = Math.clamp(answer.size("fs.count"), 0, MOST_LOOKED_AT);
        for (int i = 0; i < count; i++) {
            String prefix = "fs." + i + ".";
            FileSystem each = fileSystem(answer, prefix);
            if (each.mountPoint() != null && !isReadOnly(each)) {
                String device =
                        text(answer, prefix + "name", GuestInfo.MAX_PATH).orElseGet(each::mountPoint);
                byDevice.merge(device, each, ReportedGuestInfo::nearerToTheRoot);
            }
        }
        return byDevice.values().stream()
                .sorted(Comparator.comparing(FileSystem::usedPercent, Comparator.nullsLast(Comparator.reverseOrder())))
                .limit(GuestInfo.MAX_FILE_SYSTEMS)
                .sorted(Comparator.comparing(FileSystem::mountPoint))
                .toList();
    }

    private static FileSystem fileSystem(GuestAnswer answer, String prefix) {
        OptionalLong total = answer.number(prefix + "total-bytes");
        OptionalLong used = answer.number(prefix + "used-bytes");
        return new FileSystem(
                text(answer, prefix + "mountpoint", GuestInfo.MAX_PATH).orElse(null),
                text(answer, prefix + "fstype", GuestInfo.MAX_PATH).orElse(null),
                total.isPresent() ? total.getAsLong() : null,
                total.isPresent() && used.isPresent() ? percent(used.getAsLong(), total.getAsLong()) : null);
    }

    /** Rounded up, as df does it. */
    private static Integer percent(long used, long total) {
        return used < 0 || total <= 0 ? null : (int) Math.min(PERCENT, Math.ceil((double) used / total * PERCENT));
    }

    private static boolean isReadOnly(FileSystem each) {
        return each.type() != null && READ_ONLY.contains(each.type().toLowerCase(Locale.ROOT));
    }

    private static FileSystem nearerToTheRoot(FileSystem one, FileSystem other) {
        return other.mountPoint().length() < one.mountPoint().length() ? other : one;
    }

    private static Optional<String> text(GuestAnswer answer, String name, int max) {
        return answer.text(name, max * BYTES);
    }
}
