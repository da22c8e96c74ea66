package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.StopReason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How domains ended, from libvirt's log of each. A transient domain leaves no other trace, and the log exists even if the
 * agent was down. It also has QEMU's output, which is not trusted: it may only decide whether a VM is started again.
 */
record QemuLog(Path folder) {
    private static final int TAIL = 16 * 1024;
    private static final String STARTED = ": starting up";
    private static final String ENDED = ": shutting down, reason=";
    /** QEMU's message about a termination signal, with the program that sent it, if known. */
    private static final Pattern SIGNALLED = Pattern.compile("terminating on signal \\d+ from pid \\d+ \\(([^)]*)\\)");
    /** libvirt signals QEMU after the guest has shut down. An unknown sender may be libvirt. */
    private static final Set<String> LIBVIRT = Set.of("libvirtd", "virtqemud", "<unknown process>");

    StopReason lastStop(UUID vm) {
        String tail = tail(log(vm));
        int started = tail.lastIndexOf(STARTED);
        int ended = tail.lastIndexOf(ENDED);
        if (ended < 0 || started > ended) {
            return StopReason.UNKNOWN;
        }
        String reason =
                tail.substring(ended + ENDED.length()).lines().findFirst().orElse("");
        return switch (reason.strip()) {
            case "shutdown" ->
                endedByAnother(tail.substring(Math.max(0, started), ended))
                        ? StopReason.CRASHED
                        : StopReason.GUEST_SHUTDOWN;
            case "destroyed" -> StopReason.DESTROYED;
            case "crashed" -> StopReason.CRASHED;
            case "migrated" -> StopReason.MIGRATED;
            case "failed" -> StopReason.FAILED;
            default -> StopReason.UNKNOWN;
        };
    }

    /** libvirt logs a QEMU ended by another program, like systemd at the host's shutdown, as a guest that shut down. */
    private static boolean endedByAnother(String lastIncarnation) {
        Matcher signalled = SIGNALLED.matcher(lastIncarnation);
        return signalled.find()
                && !LIBVIRT.contains(
                        signalled.group(1).substring(signalled.group(1).lastIndexOf('/') + 1));
    }

    /** The log's size in bytes; 0 if there is none. */
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
            // Rotated or truncated while it was read: the reason is unknown.
            return "";
        }
    }
}
