package io.trustedlaunch.agent.host;

import io.trustedlaunch.process.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The programs of the host that the agent runs.
 *
 * @param folders in which they are looked for
 */
public record HostPrograms(List<Path> folders) {
    /** @param debianPackage to name what to install; other distributions have similar names */
    private record Program(String name, String debianPackage) {}

    private static final List<Program> NEEDED = List.of(
            new Program("swtpm", "swtpm"),
            new Program("swtpm_setup", "swtpm-tools"),
            new Program("qemu-img", "qemu-utils"),
            new Program("qemu-io", "qemu-utils"),
            new Program("qemu-nbd", "qemu-utils"),
            new Program("setpriv", "util-linux"),
            new Program("prlimit", "util-linux"),
            new Program("xorriso", "xorriso"),
            new Program("ss", "iproute2"));

    public static HostPrograms ofThisHost() {
        return new HostPrograms(Command.PATH.stream().map(Path::of).toList());
    }

    /** Which are missing, with the packages that have them; empty if none is. */
    public Optional<String> problem() {
        List<Program> missing = NEEDED.stream().filter(this::isMissing).toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("this node lacks "
                        + names(missing.stream().map(Program::name).toList())
                        + "; install "
                        + names(missing.stream()
                                .map(Program::debianPackage)
                                .distinct()
                                .toList())
                        + " on it, as Debian names the packages");
    }

    private boolean isMissing(Program program) {
        return folders.stream().noneMatch(folder -> Files.isExecutable(folder.resolve(program.name())));
    }

    private static String names(List<String> names) {
        return names.stream().collect(Collectors.joining(", "));
    }
}
