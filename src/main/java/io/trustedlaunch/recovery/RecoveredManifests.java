package io.trustedlaunch.recovery;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.recovery.VmRecovery.Outcome.Recovered;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Recovered VMs as one file for {@code kubectl create}, which never changes existing objects. */
public final class RecoveredManifests {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            // All strings stay quoted: some YAML readers take some addresses for numbers.
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private RecoveredManifests() {}

    public static String of(List<Recovered> vms) {
        return """
                # Written by kubectl tlvm recover. The Secrets contain protection keys: keep this file in memory or
                # encrypted, do not share it, and delete it when the VMs have been recovered.
                # The new cluster needs:
                #   the chart, installed in namespace %s
                #   namespaces: %s
                #   StorageLocations: %s
                # Then run: kubectl create -f FILE
                """.formatted(
                        names(vms, vm -> vm.key().getMetadata().getNamespace()),
                        names(vms, vm -> vm.vm().getMetadata().getNamespace()),
                        names(vms, vm -> vm.vm().getSpec().storageLocationRef().name()))
                + vms.stream().map(RecoveredManifests::manifests).collect(Collectors.joining());
    }

    private static String names(List<Recovered> vms, Function<Recovered, String> name) {
        return vms.stream()
                .map(name)
                .map(Messages::printable)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String manifests(Recovered recovered) {
        var metadata = recovered.vm().getMetadata();
        return yaml(recovered.key())
                        .replaceFirst(
                                "---\n",
                                "---\n# VM " + Messages.printable(metadata.getNamespace() + "/" + metadata.getName())
                                        + ", guest state " + recovered.newest() + ", endorsement key "
                                        + recovered.ekDigest() + "\n")
                + yaml(recovered.vm());
    }

    private static String yaml(HasMetadata object) {
        try {
            return YAML.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            // The cause is left out: it may quote the key.
            throw new IllegalStateException("encoding a manifest failed");
        }
    }
}
