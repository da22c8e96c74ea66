package io.trustedlaunch.access;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The chart's table of who writes what, from which its policies follow. */
record Writers(Map<String, Account> accounts, List<Row> writers, List<Key> keys) {
    static final Path FILE = Path.of("helm/trusted-launch-operator/files/writers.yaml");

    /** Held by a policy if it has a service account or a verb of its own. */
    record Account(String serviceAccount, String verb, String resource, String who) {
        boolean isHeld() {
            return serviceAccount != null || verb != null;
        }
    }

    /** A verb that a row does not have is not served. */
    record Row(String resource, List<String> create, List<String> update, List<String> delete) {
        boolean isSubresource() {
            return resource.contains("/");
        }

        List<String> accounts(String verb) {
            List<String> accounts = switch (verb) {
                case "create" -> create;
                case "update" -> update;
                case "delete" -> delete;
                default -> throw new IllegalArgumentException(verb);
            };
            return accounts == null ? List.of() : accounts;
        }
    }

    /** A label, annotation or finalizer, without the group. */
    record Key(String key, List<String> resources, List<String> writers) {}

    static final List<String> VERBS = List.of("create", "update", "delete");

    static Writers read() {
        try {
            return new YAMLMapper().readValue(FILE.toFile(), Writers.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Set<String> resources() {
        return writers.stream().map(Row::resource).collect(Collectors.toCollection(TreeSet::new));
    }

    /** As "update vmbackups/status". */
    Set<String> cellsOf(String account) {
        Set<String> cells = new TreeSet<>();
        for (Row row : writers) {
            VERBS.stream()
                    .filter(verb -> row.accounts(verb).contains(account))
                    .forEach(verb -> cells.add(verb + " " + row.resource()));
        }
        return cells;
    }

    /** Whether roles alone say who does it: the cell names an account that no policy holds. */
    boolean isForUsers(String verb, String resource) {
        return writers.stream()
                .filter(row -> row.resource().equals(resource))
                .flatMap(row -> row.accounts(verb).stream())
                .anyMatch(account -> !accounts.get(account).isHeld());
    }

    /** The lines of a table in Markdown, without its head. */
    List<String> rows() {
        return writers.stream()
                .map(row -> "| `%s` | %s | %s | %s |"
                        .formatted(row.resource(), cell(row.create()), cell(row.update()), cell(row.delete())))
                .toList();
    }

    /** Of the keys; the same. */
    List<String> keyRows() {
        return keys.stream()
                .map(key -> "| `trustedlaunch.io/%s` | %s | %s |"
                        .formatted(key.key(), String.join(", ", key.resources()), cell(key.writers())))
                .toList();
    }

    private String cell(List<String> names) {
        return names == null
                ? ""
                : names.isEmpty()
                        ? "nobody"
                        : names.stream().map(name -> accounts.get(name).who()).collect(Collectors.joining(", "));
    }
}
