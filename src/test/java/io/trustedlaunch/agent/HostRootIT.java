package io.trustedlaunch.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * A JVM whose root is not the host's, as in a container. This machine is the container; a folder is the host, with other
 * accounts, names and programs.
 */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class HostRootIT {
    private static final int ACCOUNT = 4711;

    /** The loader and the C library of the host's programs. */
    private static final List<String> SYSTEM = List.of("/bin", "/lib", "/lib64", "/usr");

    @TempDir
    private Path host;

    @Test
    void filesAccountsNamesAndProgramsAreThoseOfTheHost() throws IOException {
        describeHost();

        Command.Result result = inItsOwnMounts(InsideHostRoot.class.getName(), host.toString());

        assertThat(result.output().lines())
                .as(result.output())
                .contains("file the host", "owner " + ACCOUNT, "program the host at /", "address 192.0.2.47");
        assertThat(result.output())
                .as("the image's client looks for the host's daemon")
                .contains("libvirt libvirtd on this node does not respond: Failed to connect socket");
        assertThat(Files.getAttribute(host.resolve("owned"), "unix:uid")).isEqualTo(ACCOUNT);
    }

    private void describeHost() throws IOException {
        write("etc/which-root", "the host");
        write("etc/passwd", "root:x:0:0::/:/bin/sh\nlibvirt-qemu:x:" + ACCOUNT + ":" + ACCOUNT + "::/:/bin/false\n");
        write("etc/group", "root:x:0:\nlibvirt-qemu:x:" + ACCOUNT + ":\n");
        // The services for names are the image's: the libraries of others are made for the host's C library.
        write("etc/nsswitch.conf", "passwd: unheardof\ngroup: unheardof\nhosts: unheardof\n");
        write("etc/hosts", "192.0.2.47 which-root.example\n");
        write("sbin/which-root", "#!/bin/sh\nread -r line </etc/which-root\necho \"$line at $(pwd)\"\n");
        Files.setPosixFilePermissions(host.resolve("sbin/which-root"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void write(String path, String content) throws IOException {
        Path file = host.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** Runs a class with the JDK and the class path at the same paths in both roots. The mounts end with it. */
    private Command.Result inItsOwnMounts(String... mainAndArguments) throws IOException {
        StringBuilder script = new StringBuilder("set -e\n");
        for (Path seen : seenInBothRoots()) {
            Path there = host.resolve(Path.of("/").relativize(seen));
            if (Files.isDirectory(seen)) {
                Files.createDirectories(there);
            } else {
                Files.createDirectories(there.getParent());
                Files.createFile(there);
            }
            script.append("mount --bind -o ro ")
                    .append(seen)
                    .append(' ')
                    .append(there)
                    .append('\n');
        }
        // The image's client library is of another version than the host's, and must not be mixed with it.
        script.append("for library in ")
                .append(host.resolve("usr/lib"))
                .append("/*/libvirt*.so.*; do mount --bind /dev/null \"$library\"; done\n");
        script.append("mkdir -p ").append(host.resolve("proc")).append('\n');
        script.append("mount --rbind /proc ").append(host.resolve("proc")).append('\n');
        script.append("exec \"$@\"\n");
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", script.toString(), "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Djdk.lang.Process.launchMechanism=FORK", "-cp", classPath()));
        command.addAll(List.of(mainAndArguments));
        return new Command(command, new byte[0], Duration.ofMinutes(2)).run();
    }

    private static Set<Path> seenInBothRoots() throws IOException {
        Set<Path> paths = new LinkedHashSet<>();
        for (String path : SYSTEM) {
            paths.add(Path.of(path));
        }
        paths.add(Path.of(System.getProperty("java.home")));
        for (String entry : classPath().split(":")) {
            paths.add(Path.of(entry));
        }
        paths.removeIf(
                path -> SYSTEM.stream().anyMatch(system -> !path.toString().equals(system) && path.startsWith(system)));
        return paths;
    }

    private static String classPath() {
        return String.join(
                ":",
                Arrays.stream(System.getProperty("java.class.path").split(":"))
                        .map(entry ->
                                Path.of(entry).toAbsolutePath().normalize().toString())
                        .filter(entry -> Files.exists(Path.of(entry)))
                        .distinct()
                        .toList());
    }
}
