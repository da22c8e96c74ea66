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
 * Searches for secrets in files, in arguments and environments of processes, and in objects of the API server: as bytes, in
 * hexadecimal and in base64, also within longer base64 and across line breaks.
 *
 * <p>It searches for the first bytes of a long secret, so these must be unique, as in a key or a generated password.
 */
public final class SecretSearch {
    private static final int BUFFER = 1 << 20;

    private final ByteAutomaton<Form> automaton = new ByteAutomaton<>();

    private record Form(String secret, String encoding) {}

    /** @param where a path with an offset, a process or an object; never the secret itself */
    public record Finding(String secret, String encoding, String where) {}

    /** @param secrets by names that may be printed */
    public SecretSearch(Map<String, byte[]> secrets) {
        secrets.forEach((name, secret) -> SecretEncodings.of(secret)
                .forEach((encoding, needle) -> automaton.add(needle, new Form(name, encoding))));
        automaton.complete();
    }

    /** Searches all regular files below {@code tree}. An unreadable file is an error; one that disappears is not. */
    public List<Finding> files(Path tree, Predicate<Path> excluded) {
        Set<Finding> findings = new LinkedHashSet<>();
        try {
            Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile() && !excluded.test(file)) {
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
     * Searches arguments and environments of all processes of this machine.
     *
     * @param unread receives what this process may not read: without CAP_SYS_PTRACE, as in many containers, even root cannot
     *     read the environment of another user's process
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

    /** Searches all objects of all kinds that the client can list. */
    public List<Finding> objects(KubernetesClient admin, Predicate<ClusterObjects.Name> excluded) {
        Set<Finding> findings = new LinkedHashSet<>();
        new ClusterObjects(admin).forEach((name, json) -> {
            if (!excluded.test(name)) {
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

    /** Whether the process is gone, a zombie or a kernel thread. */
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
        ByteAutomaton<Form>.Scan verbatim = automaton.scan();
        JoinedScan joined = new JoinedScan(automaton.scan());
        byte[] buffer = new byte[BUFFER];
        long offset = 0;
        for (int length = content.read(buffer); length >= 0; length = content.read(buffer)) {
            for (int index = 0; index < length; index++) {
                boolean direct = verbatim.next(buffer[index]);
                boolean acrossBreaks = joined.next(buffer[index]);
                if (direct || acrossBreaks) {
                    String place = withOffset ? where + " before byte " + (offset + index + 1) : where;
                    Stream.concat(
                                    direct ? verbatim.found().stream() : Stream.of(),
                                    acrossBreaks ? joined.found().stream() : Stream.of())
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

    /** A scan that skips white space and escaped line breaks, to find what they split. */
    private static final class JoinedScan {
        private final ByteAutomaton<Form>.Scan scan;
        private boolean afterBackslash;

        private JoinedScan(ByteAutomaton<Form>.Scan scan) {
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
