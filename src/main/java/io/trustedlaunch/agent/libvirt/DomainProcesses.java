package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.VtpmState;
import io.trustedlaunch.agent.hypervisor.WorkingCopyLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of domains: found by the pid files that libvirt writes, and recognized by their command lines. A guest that has
 * escaped into one of them can forge both, so they are only observed; nothing is ever done to a process that is found here.
 *
 * @param runFolder libvirt's folder with pid files
 * @param proc the kernel's processes, usually {@code /proc}
 */
record DomainProcesses(Path runFolder, Path proc, WorkingCopyLayout layout) {
    private static final Logger LOG = LoggerFactory.getLogger(DomainProcesses.class);

    /** libvirt's limit for names in the names of its files. */
    private static final int SHORT_NAME = 20;

    private static final int LONGEST_PID_FILE = 32;
    private static final int LONGEST_COMMAND_LINE = 1 << 20;

    /**
     * The state of the swtpm of that domain; empty if the domain has ended.
     *
     * @param id libvirt's number of the domain
     */
    Optional<VtpmState> vtpm(UUID vm, int id) {
        try {
            // Without QEMU's process, a missing swtpm proves nothing: QEMU ends, or the agent has a process namespace
            // of its own.
            if (qemuProcess(vm).isEmpty()) {
                return Optional.of(new VtpmState.Unknown());
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new VtpmState.Unknown());
        }
        return Optional.of(swtpm(vm, id));
    }

    /** The process of the VM's QEMU, whose domain libvirtd may have lost; empty if there is none that is seen here. */
    OptionalLong qemu(UUID vm) {
        try {
            return qemuProcess(vm);
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            LOG.warn("VM {}: whether its QEMU runs is not known: {}", vm, e.getMessage());
            return OptionalLong.empty();
        }
    }

    /** The VM has no domain in libvirtd, which forgets one whose status it cannot read when it starts. */
    void requireNoQemu(UUID vm) {
        qemu(vm).ifPresent(process -> {
            throw new HypervisorException(new HypervisorFailure.DomainLost(vm, process));
        });
    }

    private OptionalLong qemuProcess(UUID vm) throws IOException {
        long pid = pid(runFolder.resolve(vm + ".pid"));
        return commandLine(pid).contains(vm.toString()) ? OptionalLong.of(pid) : OptionalLong.empty();
    }

    private VtpmState swtpm(UUID vm, int id) {
        String shortName = vm.toString().substring(0, SHORT_NAME);
        try {
            long pid = pid(runFolder.resolve("swtpm").resolve(id + "-" + shortName + "-swtpm.pid"));
            if (!commandLine(pid).contains(layout.tpmFolder(vm).toString())) {
                return new VtpmState.Ended();
            }
            char state = state(pid);
            return state == 'T' || state == 't' ? new VtpmState.Stopped(pid) : new VtpmState.Responding();
        } catch (IOException e) {
            return new VtpmState.Unknown();
        }
    }

    private static long pid(Path file) throws IOException {
        // Opened for writing, too: only so, opening a FIFO that was put in place of the file does not wait. A FIFO has
        // no size.
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(channel.size(), LONGEST_PID_FILE));
            int length = Math.max(0, channel.read(content));
            return Long.parseLong(new String(content.array(), 0, length, StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            throw new IOException(file + " has no process id", e);
        }
    }

    /** Empty if there is no such process, or it is ending or a zombie. */
    private String commandLine(long pid) throws IOException {
        return read(pid, "cmdline");
    }

    /** The letter of the process's state, after its name in parentheses, which may contain anything. */
    private char state(long pid) throws IOException {
        String stat = read(pid, "stat");
        int afterName = stat.lastIndexOf(')') + 2;
        return afterName < stat.length() ? stat.charAt(afterName) : '?';
    }

    private String read(long pid, String name) throws IOException {
        Path process = proc.resolve(Long.toString(pid));
        try (InputStream in = Files.newInputStream(process.resolve(name))) {
            return new String(in.readNBytes(LONGEST_COMMAND_LINE), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            if (Files.exists(process)) {
                throw e;
            }
            return "";
        }
    }
}
