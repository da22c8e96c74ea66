package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which GitOps tool keeps a field of an object as its repository has it, by the object's {@code managedFields}. */
final class FieldOwners {
    /** Of Argo CD (server-side and client-side apply), and of Flux. */
    private static final Set<String> TOOLS =
            Set.of("argocd-controller", "argocd-application-controller", "kustomize-controller", "helm-controller");

    private FieldOwners() {}

    /** The field manager of the tool that has the field of the spec, or a part of it; empty if none has. */
    static Optional<String> toolOf(HasMetadata object, String field) {
        return Stream.ofNullable(object.getMetadata().getManagedFields())
                .flatMap(entries -> entries.stream())
                .filter(entry -> entry.getManager() != null && TOOLS.contains(entry.getManager()))
                .filter(entry -> has(entry, field))
                .map(ManagedFieldsEntry::getManager)
                .findFirst();
    }

    private static boolean has(ManagedFieldsEntry entry, String field) {
        return entry.getFieldsV1() != null
                && within(entry.getFieldsV1().getAdditionalProperties(), "spec") instanceof Map<?, ?> fields
                && within(fields, field) != null;
    }

    private static Object within(Map<?, ?> fields, String name) {
        return fields.get("f:" + name);
    }
}
