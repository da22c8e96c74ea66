package io.trustedlaunch.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Recovered VMs as one file for {@code kubectl create}, which changes nothing that is there already. */
public final class RecoveredManifests {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            // All texts stay quoted: there are readers to whom some addresses are numbers.
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private RecoveredManifests() {}

    public static String of(List<Recovered> vms) {
        return """
                # Made by kubectl tlvm recover. The Secrets hold protection keys: keep this file in memory or encrypted, show it to
                # nobody, and remove it when the VMs are back.
                # In the new cluster there must be
                #   the chart, installed in namespace %s
                #   namespaces: %s
                #   StorageLocations: %s
                # Then: kubectl create -f FILE
                """.formatted(
                        names(vms, vm -> vm.key().getMetadata().getNamespace()),
                        names(vms, vm -> vm.vm().getMetadata().getNamespace()),
                        names(vms, vm -> vm.vm().getSpec().storageLocationRef().name()))
                + vms.stream().map(RecoveredManifests::manifests).collect(Collectors.joining());
    }

    private static String names(List<Recovered> vms, Function<Recovered, String> name) {
        return vms.stream()
                .map(name)
                .map(RecoveredManifests::printable)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String manifests(Recovered recovered) {
        var metadata = recovered.vm().getMetadata();
        return yaml(recovered.key())
                        .replaceFirst(
                                "---\n",
                                "---\n# VM " + printable(metadata.getNamespace() + "/" + metadata.getName())
                                        + ", guest state " + recovered.newest() + ", endorsement key "
                                        + recovered.ekDigest() + "\n")
                + yaml(recovered.vm());
    }

    private static String yaml(HasMetadata object) {
        try {
            return YAML.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            // Not its cause, which may quote the key.
            throw new IllegalStateException("what was read is always written");
        }
    }

    /** On one line, and nothing but what it looks like: whoever has the certificate can seal a text of his own. */
    public static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\p{Cf}\\u0085]", "?");
    }
}
