package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import java.util.List;

/**
 * What the guest says of itself through its guest agent. It is the guest's own word: nothing verifies it, and nothing is decided by
 * it. Whoever reads it gets bounded, printable texts, whatever the guest and its node wrote.
 *
 * @param reportTime when the agent of the VM's node reported it, RFC 3339, UTC; later changes are reported with a delay
 * @param agent the guest agent
 * @param os the operating system
 * @param hostName the guest's host name
 * @param timeZone the guest's time zone
 * @param fileSystems mounted file systems, one for each block device, without read-only images; of more than 16, the fullest
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record GuestInfo(
        @Size(max = Messages.MAX_TIME) String reportTime,
        Agent agent,
        OperatingSystem os,
        @Size(max = GuestInfo.MAX_HOST_NAME) String hostName,
        TimeZone timeZone,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = GuestInfo.MAX_FILE_SYSTEMS)
        List<FileSystem> fileSystems) {
    public static final int MAX_FILE_SYSTEMS = 16;

    /** Limit of a mount point. */
    public static final int MAX_PATH = 128;

    /** Limit of the name of an operating system. */
    public static final int MAX_NAME = 128;

    /** A DNS name has no more. */
    public static final int MAX_HOST_NAME = 253;

    /** From this percentage of use on, a file system counts as nearly full. */
    public static final int NEARLY_FULL = 90;

    static final int MAX_OFFSET = 18 * 60 * 60;

    public GuestInfo {
        reportTime = Messages.shown(reportTime, Messages.MAX_TIME);
        hostName = Messages.shown(hostName, MAX_HOST_NAME);
        fileSystems = Lists.first(MAX_FILE_SYSTEMS, fileSystems);
    }

    /**
     * The guest agent.
     *
     * @param connected false once it has not answered for ten minutes; the rest is then what it said before
     * @param version its version
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Agent(
            boolean connected,
            @Size(max = Messages.MAX_VERSION) String version) {
        public Agent {
            version = Messages.shown(version, Messages.MAX_VERSION);
        }
    }

    /**
     * The operating system.
     *
     * @param id a short name, such as debian or mswindows
     * @param name its name for people, such as Debian GNU/Linux 12 (bookworm)
     * @param version its version, such as 12
     * @param kernelRelease release of the kernel, such as 6.1.0-18-amd64; of Windows the number of the build
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record OperatingSystem(
            @Size(max = Messages.MAX_VERSION) String id,
            @Size(max = GuestInfo.MAX_NAME) String name,
            @Size(max = Messages.MAX_VERSION) String version,
            @Size(max = GuestInfo.MAX_NAME) String kernelRelease) {
        public OperatingSystem {
            id = Messages.shown(id, Messages.MAX_VERSION);
            name = Messages.shown(name, MAX_NAME);
            version = Messages.shown(version, Messages.MAX_VERSION);
            kernelRelease = Messages.shown(kernelRelease, MAX_NAME);
        }
    }

    /**
     * The time zone.
     *
     * @param name its name, such as CET
     * @param offsetSeconds seconds that its time is ahead of UTC; negative: behind
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TimeZone(
            @Size(max = Messages.MAX_VERSION) String name,

            @Min(-GuestInfo.MAX_OFFSET) @Max(GuestInfo.MAX_OFFSET)
            Integer offsetSeconds) {
        public TimeZone {
            name = Messages.shown(name, Messages.MAX_VERSION);
            offsetSeconds = offsetSeconds == null ? null : Math.clamp(offsetSeconds, -MAX_OFFSET, MAX_OFFSET);
        }
    }

    /**
     * A mounted file system.
     *
     * @param mountPoint where it is mounted
     * @param type its type, such as ext4 or NTFS
     * @param totalBytes its size in bytes
     * @param usedPercent percentage of it that is used, in steps of five
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record FileSystem(
            @Size(max = GuestInfo.MAX_PATH) String mountPoint,
            @Size(max = 32) String type,
            @Min(0) Long totalBytes,
            @Min(0) @Max(100) Integer usedPercent) {
        private static final int MAX_TYPE = 32;

        public FileSystem {
            mountPoint = Messages.shown(mountPoint, MAX_PATH);
            type = Messages.shown(type, MAX_TYPE);
            totalBytes = totalBytes == null ? null : Math.max(0, totalBytes);
            usedPercent = Percent.bounded(usedPercent);
        }

        boolean isNearlyFull() {
            return usedPercent != null && usedPercent >= NEARLY_FULL;
        }
    }

    /** How many file systems are nearly full. */
    public long nearlyFull() {
        return fileSystems.stream().filter(FileSystem::isNearlyFull).count();
    }

    /** The guest agent has answered lately. */
    public boolean agentAnswers() {
        return agent != null && agent.connected();
    }

    /** The same, reported at another time. */
    public GuestInfo reportedAt(String time) {
        return GuestInfoBuilder.builder(this).reportTime(time).build();
    }

    /** With what an earlier answer had, where this one has nothing: a guest agent does not answer each question each time. */
    public GuestInfo completedBy(GuestInfo earlier) {
        return GuestInfoBuilder.builder()
                .reportTime(reportTime)
                .agent(
                        agent == null || agent.version() != null || earlier.agent() == null
                                ? agent
                                : new Agent(agent.connected(), earlier.agent().version()))
                .os(os == null ? earlier.os() : os)
                .hostName(hostName == null ? earlier.hostName() : hostName)
                .timeZone(timeZone == null ? earlier.timeZone() : timeZone)
                .fileSystems(fileSystems.isEmpty() ? earlier.fileSystems() : fileSystems)
                .build();
    }
}
