package io.trustedlaunch.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.UUID;

/** A process on this machine, to be stopped, continued or killed. */
public record HostProcess(ProcessHandle process) {
    /** The process that is the TPM of a VM's domain, found by its command line alone. */
    public static HostProcess swtpmOf(UUID vm) {
        return with("swtpm socket", vm.toString());
    }

    /** The process of a VM's QEMU. */
    public static HostProcess qemuOf(UUID vm) {
        return with("qemu-system", "guest=" + vm);
    }

    private static HostProcess with(String program, String argument) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(program) && line.contains(argument))
                        .isPresent())
                .findFirst()
                .map(HostProcess::new)
                .orElseThrow();
    }

    public long pid() {
        return process.pid();
    }

    public void suspend() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    /** Without a chance to write anything. */
    public void kill() {
        signal("KILL");
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("cannot signal " + process.info());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
