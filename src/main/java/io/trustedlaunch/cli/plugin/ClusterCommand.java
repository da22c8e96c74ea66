package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that works on a cluster. A new one extends this class and is listed in {@link KubectlTlvm}. */
@Command(mixinStandardHelpOptions = true)
abstract class ClusterCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    ClusterOptions cluster;

    /** @return the exit code */
    abstract int run(KubernetesClient client) throws InterruptedException;

    @Override
    public final Integer call() throws InterruptedException {
        try (KubernetesClient client = cluster.client()) {
            return run(client);
        }
    }

    TextOutput out() {
        return TextOutput.standardOutput(spec.commandLine());
    }

    TextOutput err() {
        return TextOutput.standardError(spec.commandLine());
    }

    /** Sets one field and reports it. */
    <T extends HasMetadata> T setInSpec(Resource<T> resource, String field, Enum<?> value) {
        return set(resource, Map.of(), Map.of(field, value.name()));
    }

    /** Sets annotations and fields of the spec in one write, and reports them, and who may set a field back. */
    <T extends HasMetadata> T set(Resource<T> resource, Map<String, String> annotations, Map<String, String> spec) {
        if (!spec.isEmpty()) {
            Optional.ofNullable(resource.get()).ifPresent(before -> warnOfTools(before, spec.keySet()));
        }
        T changed = PluginWriter.set(resource, annotations, spec);
        Stream.of(spec, annotations)
                .flatMap(fields -> new TreeMap<>(fields).entrySet().stream())
                .forEach(field ->
                        out().line(reference(changed) + ": " + field.getKey() + " set to " + field.getValue()));
        return changed;
    }

    /**
     * Says which of these fields of the spec a GitOps tool will set back.
     *
     * @param before as it was read: a field that another writer has set is the tool's own no more
     */
    void warnOfTools(HasMetadata before, Collection<String> fields) {
        fields.forEach(field -> FieldOwners.toolOf(before, field)
                .ifPresent(tool -> err().line("warning: spec." + field + " of " + reference(before)
                        + " comes from a repository (field manager " + tool
                        + "), which sets it back at its next sync: change it there, or leave it out there")));
    }

    /** Creates an object and reports it under the name that the API server gave. */
    <T extends HasMetadata> T create(KubernetesClient client, T object) {
        T created = PluginWriter.create(client, object);
        reportCreated(created);
        return created;
    }

    void reportCreated(HasMetadata created) {
        out().line(reference(created) + " created");
    }

    /** Names an object like kubectl: {@code trustedlaunchvm/payroll}. */
    static String reference(HasMetadata object) {
        return HasMetadata.getSingular(object.getClass()) + "/"
                + object.getMetadata().getName();
    }
}
