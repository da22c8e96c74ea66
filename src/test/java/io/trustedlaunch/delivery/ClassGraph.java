package io.trustedlaunch.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which classes a class names: in its code, signatures and annotations, by strings that are names of classes, and as a service,
 * whose providers are in {@code META-INF/services}. So a class that is only found by reflection counts too. Names have slashes.
 */
final class ClassGraph implements AutoCloseable {
    private static final Pattern IN_SIGNATURE = Pattern.compile("L([\\w/$]+)[;<]");
    private static final Pattern DOTTED = Pattern.compile("[a-z]\\w*(\\.[\\w$]+)+");
    private static final String CLASS = ".class";

    private final List<FileSystem> jars = new ArrayList<>();
    private final Map<String, Path> files = new HashMap<>();
    /** The folder or jar of each class. */
    private final Map<String, Path> places = new HashMap<>();

    /** The providers of each service. */
    private final Map<String, Set<String>> providers = new HashMap<>();

    private final Map<Path, Set<String>> provided = new HashMap<>();
    private final Map<String, Set<String>> named = new HashMap<>();

    ClassGraph(List<Path> classPath) throws IOException {
        for (Path place : classPath) {
            if (Files.isDirectory(place)) {
                read(place, place);
            } else if (Files.exists(place)) {
                FileSystem jar = FileSystems.newFileSystem(place);
                jars.add(jar);
                read(jar.getPath("/"), place);
            }
        }
    }

    private void read(Path root, Path place) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                String name = root.relativize(file).toString();
                // The JDK loads providers of ciphers by the names in its own configuration.
                if (name.startsWith("META-INF/services/") && !name.endsWith("/java.security.Provider")) {
                    providers
                            .computeIfAbsent(internal(file.getFileName().toString()), service -> new TreeSet<>())
                            .addAll(namesIn(file));
                    provided.computeIfAbsent(place, any -> new TreeSet<>()).addAll(namesIn(file));
                } else if (name.endsWith(CLASS) && !name.startsWith("META-INF/") && !name.endsWith("-info.class")) {
                    String type = name.substring(0, name.length() - CLASS.length());
                    files.putIfAbsent(type, file);
                    places.putIfAbsent(type, place);
                }
            }
        }
    }

    private static List<String> namesIn(Path services) throws IOException {
        return Files.readString(services, UTF_8)
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(Predicate.not(String::isEmpty))
                .map(ClassGraph::internal)
                .toList();
    }

    private static String internal(String name) {
        return name.replace('.', '/');
    }

    /** The folder or jar of a class. */
    Path place(String type) {
        return Optional.ofNullable(places.get(type))
                .orElseThrow(() -> new IllegalArgumentException("no class " + type));
    }

    Set<String> classesOf(Path place) {
        Set<String> found = new TreeSet<>();
        places.forEach((type, where) -> {
            if (where.equals(place)) {
                found.add(type);
            }
        });
        return found;
    }

    /** The classes that a folder or jar offers as services. */
    Set<String> provided(Path place) {
        return provided.getOrDefault(place, Set.of());
    }

    /** All that can be reached from the classes, and they themselves. */
    Set<String> reachable(Collection<String> from) throws IOException {
        Set<String> reached = new TreeSet<>(from);
        Deque<String> left = new ArrayDeque<>(from);
        while (!left.isEmpty()) {
            for (String next : named(left.pop())) {
                if (reached.add(next)) {
                    left.push(next);
                }
            }
        }
        return reached;
    }

    /** The classes of this class path that the class names. */
    Set<String> named(String type) throws IOException {
        Set<String> known = named.get(type);
        if (known == null) {
            known = read(type);
            named.put(type, known);
        }
        return known;
    }

    private Set<String> read(String type) throws IOException {
        Set<String> found = new HashSet<>();
        try (InputStream in = Files.newInputStream(files.get(type));
                DataInputStream data = new DataInputStream(in)) {
            for (String text : texts(data)) {
                if (files.containsKey(text)) {
                    found.add(text);
                }
                found.addAll(providers.getOrDefault(text, Set.of()));
                Matcher signature = IN_SIGNATURE.matcher(text);
                while (signature.find()) {
                    found.add(signature.group(1));
                }
                if (DOTTED.matcher(text).matches()) {
                    found.add(internal(text));
                }
            }
        }
        found.retainAll(files.keySet());
        found.remove(type);
        return found;
    }

    /** The texts in the constants of a class file; section 4.4 of the JVM's specification. */
    private static List<String> texts(DataInputStream file) throws IOException {
        List<String> texts = new ArrayList<>();
        file.skipNBytes(8);
        int constants = file.readUnsignedShort();
        for (int constant = 1; constant < constants; constant++) {
            int tag = file.readUnsignedByte();
            switch (tag) {
                case 1 -> texts.add(file.readUTF());
                case 7, 8, 16, 19, 20 -> file.skipNBytes(2);
                case 15 -> file.skipNBytes(3);
                case 3, 4, 9, 10, 11, 12, 17, 18 -> file.skipNBytes(4);
                case 5, 6 -> {
                    file.skipNBytes(8);
                    constant++;
                }
                default -> throw new IOException("unknown constant " + tag);
            }
        }
        return texts;
    }

    @Override
    public void close() throws IOException {
        for (FileSystem jar : jars) {
            jar.close();
        }
    }
}
