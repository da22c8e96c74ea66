package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The ValidatingAdmissionPolicies that restrict each agent to its own node, give each status one writer, bound what others write,
 * and ask users for rights of their own, with their bindings. All agents share one role, so without the policies one compromised
 * host could write for all others, and an administrator of a namespace could write what the operator believes. They count only as this version's chart has them: one of the same name may be empty.
 */
final class AccessPolicies {
    /** Comes from the chart, by bin/generate. */
    private static final String COPY = "access-policies.yaml";

    /** The namespace that the copy was rendered with. */
    private static final String RENDERED_FOR = "trusted-launch-system";

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private final List<HasMetadata> expected;
    private final Function<HasMetadata, Optional<? extends HasMetadata>> reader;

    /** @param reader of the object with the same kind and name at the API server */
    AccessPolicies(String namespace, Function<HasMetadata, Optional<? extends HasMetadata>> reader) {
        this.expected = expected(namespace);
        this.reader = reader;
    }

    AccessPolicies(String namespace, KubernetesClient client) {
        this(namespace, wanted -> read(client, wanted));
    }

    static List<HasMetadata> expected(String namespace) {
        try (InputStream copy = AccessPolicies.class.getResourceAsStream(COPY)) {
            String yaml = new String(copy.readAllBytes(), UTF_8).replace(RENDERED_FOR, namespace);
            return Stream.of(yaml.split("(?m)^---$"))
                    .filter(document -> document.contains("kind:"))
                    .<HasMetadata>map(SERIALIZATION::unmarshal)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The policies that are missing, or differ; empty if all are in force. */
    List<String> problems() {
        return expected.stream().flatMap(wanted -> problem(wanted).stream()).toList();
    }

    private Optional<String> problem(HasMetadata wanted) {
        String name = wanted.getKind() + " " + wanted.getMetadata().getName();
        Optional<? extends HasMetadata> found = reader.apply(wanted);
        return found.isEmpty()
                ? Optional.of(name + " is missing")
                : SpecDifference.between(spec(wanted), spec(found.get()))
                        .map(field -> name + " is not the one of this version's chart: " + field + " differs");
    }

    private static JsonNode spec(HasMetadata object) {
        return SERIALIZATION.convertValue(object, JsonNode.class).path("spec");
    }

    private static Optional<? extends HasMetadata> read(KubernetesClient client, HasMetadata wanted) {
        var admission = client.admissionRegistration().v1();
        String name = wanted.getMetadata().getName();
        return Optional.ofNullable(
                switch (wanted) {
                    case ValidatingAdmissionPolicy policy ->
                        admission.validatingAdmissionPolicies().withName(name).get();
                    case ValidatingAdmissionPolicyBinding binding ->
                        admission
                                .validatingAdmissionPolicyBindings()
                                .withName(name)
                                .get();
                    default -> throw new IllegalStateException("not an access policy: " + wanted.getKind());
                });
    }
}
