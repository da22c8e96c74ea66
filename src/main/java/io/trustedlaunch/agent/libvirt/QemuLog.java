package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.StopReason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * How domains ended, from the log that libvirt keeps of each. A transient domain leaves no other trace, and this one is
 * there also for an agent that was down at the time. What QEMU says is in it too, so that it may decide whether a VM is
 * started again, and nothing else.
 */
record QemuLog(Path folder) {
    private static final int TAIL = 16 * 1024;
    private static final String STARTED = ": starting up";
    private static final String ENDED = ": shutting down, reason=";

    StopReason lastStop(UUID vm) {
        String tail = tail(log(vm));
        int ended = tail.lastIndexOf(ENDED);
        if (ended < 0 || tail.lastIndexOf(STARTED) > ended) {
            return StopReason.UNKNOWN;
        }
        String reason =
                tail.substring(ended + ENDED.length()).lines().findFirst().orElse("");
        return switch (reason.strip()) {
            case "shutdown" -> StopReason.GUEST_SHUTDOWN;
            case "destroyed" -> StopReason.DESTROYED;
            case "crashed" -> StopReason.CRASHED;
            case "migrated" -> StopReason.MIGRATED;
            case "failed" -> StopReason.FAILED;
            default -> StopReason.UNKNOWN;
        };
    }

    /** In bytes; 0 where there is none. */
    long length(UUID vm) {
        return log(vm).toFile().length();
    }

    private Path log(UUID vm) {
        return folder.resolve(vm + ".log");
    }

    private static String tail(Path log) {
        if (!Files.isRegularFile(log)) {
            return "";
        }
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(0, file.length() - TAIL);
            byte[] bytes = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            // Rotated or cut while we read: nobody saw it, then.
            return "";
        }
    }
}
