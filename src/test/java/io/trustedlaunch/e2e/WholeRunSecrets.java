package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.RunSecrets;
import io.trustedlaunch.testkit.SecretSearch;
import io.trustedlaunch.testkit.SecretSearch.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * I4 after all other tests of a lab, crashes and damage among them: the VMs are gone, and none of their keys is anywhere; the
 * cluster's backup key is in its Secret alone.
 * bin/test runs it last in each lab.
 */
class WholeRunSecrets {
    @Test
    void noKeyOfAnyVmOfThisRunIsLeftAnywhere(@TempDir Path folder) throws IOException {
        Map<String, byte[]> secrets = RunSecrets.all();
        SecretSearch search = new SecretSearch(secrets);
        assertThat(secrets).as("keys of the VMs of this run").isNotEmpty();
        for (Map.Entry<String, byte[]> secret : secrets.entrySet()) {
            Path planted = folder.resolve("planted");
            Files.writeString(planted, "leak: " + Base64.getEncoder().encodeToString(secret.getValue()));
            assertThat(search.files(folder, file -> false))
                    .extracting(Finding::secret)
                    .contains(secret.getKey());
        }

        Lab lab = Lab.fromEnvironment();
        // etcd's log keeps deleted Secrets. Pins are namespaces, not files.
        List<Finding> findings = new ArrayList<>(search.files(
                lab.folder(),
                file -> file.startsWith(lab.folder().resolve("etcd"))
                        || file.startsWith(lab.folder().resolve("pins"))));
        findings.addAll(search.processes(unread -> {}));
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Cluster.administrator())
                .build()) {
            String home = "secrets " + Stage.OPERATOR_NAMESPACE + "/" + ClusterBackupKeys.NAME;
            search.objects(client, object -> false).stream()
                    .filter(found -> !found.secret().startsWith(RunSecrets.BACKUP_KEY)
                            || !found.where().equals(home))
                    .forEach(findings::add);
        }
        assertThat(findings).isEmpty();
        System.out.println("Searched for " + secrets.size() + " secrets");
    }
}
