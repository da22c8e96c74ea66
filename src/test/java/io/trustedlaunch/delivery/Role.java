package io.trustedlaunch.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * A role, as {@code pom.xml} delivers it.
 *
 * @param main the class that is started, with slashes
 * @param includes patterns of its own files
 * @param excludes patterns of those of them that it does not have
 * @param libraries their artifacts
 */
public record Role(String name, String main, List<String> includes, List<String> excludes, Set<String> libraries) {

    public static Role of(String name) throws Exception {
        Document pom = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse("pom.xml");
        Element jar = execution(pom, "maven-jar-plugin", name);
        Element copy = execution(pom, "maven-dependency-plugin", name);
        String shared = text(pom.getDocumentElement(), "libraries").getFirst();
        return new Role(
                name,
                text(jar, "mainClass").getFirst().replace('.', '/'),
                text(jar, "include"),
                text(jar, "exclude"),
                new TreeSet<>(Arrays.asList(text(copy, "includeArtifactIds")
                        .getFirst()
                        .replace("${libraries}", shared)
                        .split("\\s*,\\s*"))));
    }

    /** The jar with the role's classes. */
    public String jar() {
        return "trusted-launch-" + name + ".jar";
    }

    /** The folder, of a build or of an image, has what the lists say, and no other file. */
    public void assertIsAllIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Role::artifact))
                    .as("files in " + folder)
                    .containsExactlyInAnyOrderElementsOf(
                            Stream.concat(libraries.stream(), Stream.of(jar())).toList());
        }
        try (JarFile jar = new JarFile(folder.resolve(jar()).toFile())) {
            assertThat(jar.stream().map(JarEntry::getName).filter(file -> file.endsWith(".class")))
                    .contains(main + ".class")
                    .allMatch(this::hasFile, "in the list of " + name + " in pom.xml");
        }
    }

    /** @param type with slashes */
    boolean hasClass(String type) {
        return hasFile(type + ".class");
    }

    boolean hasFile(String file) {
        return includes.stream().anyMatch(pattern -> matches(pattern, file))
                && excludes.stream().noneMatch(pattern -> matches(pattern, file));
    }

    static boolean matches(String pattern, String file) {
        return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(file));
    }

    /** The artifact of a library's file. */
    public static String artifact(Path library) {
        return library.getFileName().toString().replaceFirst("-\\d[^/]*\\.jar$", "");
    }

    private static Element execution(Document pom, String plugin, String id) {
        return elements(pom.getElementsByTagName("execution"))
                .filter(execution -> text(execution, "id").contains(id))
                .filter(execution -> text((Element) execution.getParentNode().getParentNode(), "artifactId")
                        .getFirst()
                        .equals(plugin))
                .findFirst()
                .orElseThrow(() -> new AssertionError("pom.xml has no execution " + id + " of " + plugin));
    }

    private static List<String> text(Element in, String tag) {
        return elements(in.getElementsByTagName(tag))
                .map(element -> element.getTextContent().strip())
                .toList();
    }

    private static Stream<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(node -> node.getNodeType() == Node.ELEMENT_NODE)
                .map(Element.class::cast);
    }
}
