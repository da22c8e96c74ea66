package io.trustedlaunch.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.testkit.SecretSearch.Finding;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SecretSearchIT {
    @RegisterExtension
    static final Cluster cluster = new Cluster();

    private final byte[] secret = new byte[32];
    private String hex;
    private String base64;
    private SecretSearch search;

    @BeforeEach
    void newSecret() {
        new SecureRandom().nextBytes(secret);
        hex = HexFormat.of().formatHex(secret);
        base64 = Base64.getEncoder().encodeToString(secret);
        search = new SecretSearch(Map.of("key", secret));
    }

    @Test
    void leaksAreFoundInObjectsOfEveryKindAndScope() {
        String namespace = cluster.namespace();
        String node = Cluster.uniqueName("leak");
        cluster.create(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("leak")
                .endMetadata()
                .withData(Map.of("log", "the key is " + hex + "\n"))
                .build());
        ClusterNode clusterNode = new ClusterNode();
        clusterNode.setMetadata(new ObjectMetaBuilder()
                .withName(node)
                .addToAnnotations("leak", base64)
                .build());
        clusterNode.setSpec(new ClusterNodeSpec("192.0.2.7", ClusterNodeSpec.Maintenance.None, null, null));
        cluster.create(clusterNode);

        assertThat(search.objects(cluster.admin(), known -> false))
                .contains(
                        new Finding("key", "hex", "configmaps " + namespace + "/leak"),
                        new Finding("key", "base64+0", "clusternodes.trustedlaunch.io " + node))
                .extracting(Finding::secret)
                .containsOnly("key");
    }

    @Test
    void theSecretObjectIsFoundUnlessItIsExcluded() {
        String namespace = cluster.namespace();
        cluster.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("home")
                .endMetadata()
                .withData(Map.of("key", base64))
                .build());
        ClusterObjects.Name home = new ClusterObjects.Name("secrets", namespace, "home");

        assertThat(search.objects(cluster.admin(), home::equals)).isEmpty();
        assertThat(search.objects(cluster.admin(), known -> false))
                .extracting(Finding::where)
                .containsOnly("secrets " + namespace + "/home");
    }
}
