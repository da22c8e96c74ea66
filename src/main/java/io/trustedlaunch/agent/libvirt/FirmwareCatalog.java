package io.trustedlaunch.agent.libvirt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.agent.hypervisor.FirmwareFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The installed UEFI firmware, from descriptions in the format of QEMU's firmware.json. libvirt reads the same files by the
 * same rules, but creates variables only when a domain starts without any, and the agent needs them before.
 */
record FirmwareCatalog(List<Path> folders) {
    FirmwareCatalog {
        folders = List.copyOf(folders);
    }

    /**
     * The template of variables of the firmware that libvirt selects.
     *
     * @param secureBoot with both Secure Boot and enrolled keys, or with neither
     */
    Optional<Path> variablesTemplate(boolean secureBoot) {
        return files(secureBoot).map(FirmwareFiles::variables).findFirst().filter(Files::isReadable);
    }

    /** Firmware in the order of libvirt's preference. */
    Stream<FirmwareFiles> files(boolean secureBoot) {
        return descriptions()
                .filter(FirmwareCatalog::isForOurMachine)
                .filter(description -> features(description).contains("secure-boot") == secureBoot
                        && features(description).contains("enrolled-keys") == secureBoot)
                .map(description -> new FirmwareFiles(
                        Path.of(description.at("/mapping/executable/filename").asText()),
                        Path.of(description
                                .at("/mapping/nvram-template/filename")
                                .asText())));
    }

    /** The order is libvirt's: by name; an earlier folder overrides the same name in a later one. */
    private Stream<JsonNode> descriptions() {
        TreeMap<String, Path> byName = new TreeMap<>();
        for (Path folder : folders.reversed()) {
            files(folder).forEach(file -> byName.put(file.getFileName().toString(), file));
        }
        return byName.values().stream().flatMap(file -> read(file).stream());
    }

    private static List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /** An administrator hides a description of the distribution with an empty file. */
    private static Optional<JsonNode> read(Path file) {
        try {
            return Files.size(file) == 0 ? Optional.empty() : Optional.of(new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isForOurMachine(JsonNode description) {
        boolean uefiInFlash = texts(description.path("interface-types")).contains("uefi")
                && description.at("/mapping/device").asText().equals("flash")
                && description.at("/mapping/mode").asText("split").equals("split")
                && description.at("/mapping/nvram-template/format").asText().equals("raw");
        boolean q35 = StreamSupport.stream(description.path("targets").spliterator(), false)
                .filter(target -> target.path("architecture").asText().equals("x86_64"))
                .flatMap(target -> texts(target.path("machines")).stream())
                .anyMatch(machine -> machine.startsWith("pc-q35-"));
        return uefiInFlash && q35;
    }

    private static Set<String> features(JsonNode description) {
        return texts(description.path("features"));
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new HashSet<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}
