package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Looks for secrets where they must not be: in files, in arguments and environments of processes, in objects of the
 * API server; as bytes, in hexadecimal and in base64, also within longer base64 and broken into lines.
 *
 * <p>Of a long secret the beginning is looked for. So give it what is unlike anything else (a key, a password made in
 * this run), not a file that begins as all of its kind do.
 */
public final class SecretSearch {
    private static final int BUFFER = 1 << 20;

    private final ByteAutomaton<Form> automaton = new ByteAutomaton<>();

    private record Form(String secret, String encoding) {}

    /** @param where a path and an offset, a process and what of it, or an object; never what was found there */
    public record Finding(String secret, String encoding, String where) {}

    /** @param secrets by a name that may be shown */
    public SecretSearch(Map<String, byte[]> secrets) {
        secrets.forEach((name, secret) -> SecretEncodings.of(secret)
                .forEach((encoding, needle) -> automaton.add(needle, new Form(name, encoding))));
        automaton.complete();
    }

    /** All regular files below {@code tree}. A file that cannot be read is an error, one that vanishes is not. */
    public List<Finding> files(Path tree, Predicate<Path> knownPlace) {
        Set<Finding> findings = new LinkedHashSet<>();
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile() && !knownPlace.test(file)) {
                        findings.addAll(file(file, file.toString(), true));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
                    if (fault instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw fault;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(findings);
    }

    /**
     * Arguments and environments of all processes of this machine.
     *
     * @param unread told what this process may not read: without CAP_SYS_PTRACE, as in many containers, not even root
     *     reads the environment of another user's process
     */
    public List<Finding> processes(Consumer<String> unread) {
        Set<Finding> findings = new LinkedHashSet<>();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path process : entries.filter(SecretSearch::isProcess).toList()) {
                for (String what : List.of("cmdline", "environ")) {
                    findings.addAll(process(process, what, unread));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(findings);
    }

    /** All objects of all kinds that the client can list. */
    public List<Finding> objects(KubernetesClient admin, Predicate<ClusterObjects.Name> knownPlace) {
        Set<Finding> findings = new LinkedHashSet<>();
        new ClusterObjects(admin).forEach((name, json) -> {
            if (!knownPlace.test(name)) {
                findings.addAll(text(json, name.toString()));
            }
        });
        return List.copyOf(findings);
    }

    private Set<Finding> process(Path process, String what, Consumer<String> unread) throws IOException {
        String where = what + " of process " + process.getFileName();
        try {
            return file(process.resolve(what), where, false);
        } catch (AccessDeniedException e) {
            unread.accept(where);
            return Set.of();
        } catch (IOException e) {
            if (hasNoMemory(process)) {
                return Set.of();
            }
            throw e;
        }
    }

    /** It is gone, or waits to be reaped, or is the kernel's own. */
    private static boolean hasNoMemory(Path process) {
        try {
            return Files.readAllBytes(process.resolve("cmdline")).length == 0;
        } catch (IOException e) {
            return true;
        }
    }

    private Set<Finding> text(String text, String where) {
        try {
            return stream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), where, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Set<Finding> file(Path file, String where, boolean withOffset) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return stream(content, where, withOffset);
        } catch (NoSuchFileException e) {
            return Set.of();
        }
    }

    private Set<Finding> stream(InputStream content, String where, boolean withOffset) throws IOException {
        Set<Finding> findings = new LinkedHashSet<>();
        ByteAutomaton<Form>.Scan asWritten = automaton.scan();
        UnbrokenScan unbroken = new UnbrokenScan(automaton.scan());
        byte[] buffer = new byte[BUFFER];
        long offset = 0;
        for (int length = content.read(buffer); length >= 0; length = content.read(buffer)) {
            for (int index = 0; index < length; index++) {
                boolean here = asWritten.next(buffer[index]);
                boolean joined = unbroken.next(buffer[index]);
                if (here || joined) {
                    String place = withOffset ? where + " before byte " + (offset + index + 1) : where;
                    Stream.concat(
                                    here ? asWritten.found().stream() : Stream.of(),
                                    joined ? unbroken.found().stream() : Stream.of())
                            .forEach(form -> findings.add(new Finding(form.secret(), form.encoding(), place)));
                }
            }
            offset += length;
        }
        return findings;
    }

    private static boolean isProcess(Path entry) {
        return entry.getFileName().toString().chars().allMatch(Character::isDigit);
    }

    /** The stream without white space and without escaped line ends: what a line break or an indent tore apart. */
    private static final class UnbrokenScan {
        private final ByteAutomaton<Form>.Scan scan;
        private boolean afterBackslash;

        private UnbrokenScan(ByteAutomaton<Form>.Scan scan) {
            this.scan = scan;
        }

        private boolean next(byte value) {
            boolean escapedBreak = afterBackslash && (value == 'n' || value == 'r');
            afterBackslash = value == '\\';
            boolean between =
                    afterBackslash || escapedBreak || value == ' ' || value == '\t' || value == '\n' || value == '\r';
            return !between && scan.next(value);
        }

        private Set<Form> found() {
            return scan.found();
        }
    }
}
