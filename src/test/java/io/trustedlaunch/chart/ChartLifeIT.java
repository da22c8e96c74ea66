package io.trustedlaunch.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Helm;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What an upgrade and an uninstall change at a real API server. */
class ChartLifeIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String NETWORKS = "vmnetworks.trustedlaunch.io";

    @Test
    void anUninstallLeavesVmsKeysAndLocationsAndAReinstallAdoptsThem() {
        TrustedLaunchVM vm = CLUSTER.create(Vms.halted(CLUSTER.namespace(), spec -> spec));
        StorageLocation location = new StorageLocation();
        location.setMetadata(
                new ObjectMetaBuilder().withName(Cluster.uniqueName("left")).build());
        location.setSpec(new StorageLocationSpec("/srv/left", List.of()));
        CLUSTER.create(location);
        var key = CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(vm.getMetadata().getUid())
                .endMetadata()
                .withType(Api.PROTECTION_KEY_TYPE)
                .withStringData(Map.of("key", "none"))
                .build());
        KubernetesClient admin = CLUSTER.admin();
        Map<String, String> definitions = definitions();

        CLUSTER.reinstall(() -> {
            assertThat(admin.rbac()
                            .clusterRoles()
                            .withName("trusted-launch-operator")
                            .get())
                    .isNull();
            assertThat(definitions()).isEqualTo(definitions).hasSizeGreaterThan(10);
            assertThat(admin.resource(vm).get().getMetadata().getDeletionTimestamp())
                    .isNull();
            assertThat(admin.resource(location).get()).isNotNull();
            assertThat(admin.resource(key).get()).isNotNull();
        });

        assertThat(admin.rbac()
                        .clusterRoles()
                        .withName("trusted-launch-operator")
                        .get())
                .isNotNull();
        assertThat(definitions()).isEqualTo(definitions);
        assertThat(admin.resource(vm).get().getMetadata().getUid())
                .isEqualTo(vm.getMetadata().getUid());
    }

    @Test
    void anUpgradeBringsTheDefinitionsWithIt(@TempDir Path folder) throws IOException {
        Path other = folder.resolve("chart");
        copy(ChartValues.CHART, other);
        Path file = other.resolve("files/crds/trustedlaunch.io_vmnetworks.yaml");
        Files.writeString(file, Files.readString(file).replace("- tlnet\n", "- tlnet\n    - tlnetwork\n"));
        try {
            Helm.upgrade(Cluster.NAMESPACE, other);
            assertThat(shortNames()).containsExactly("tlnet", "tlnetwork");
        } finally {
            Helm.upgrade(Cluster.NAMESPACE, ChartValues.CHART);
        }
        assertThat(shortNames()).containsExactly("tlnet");
    }

    private static List<String> shortNames() {
        return CLUSTER.admin()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(NETWORKS)
                .get()
                .getSpec()
                .getNames()
                .getShortNames();
    }

    /** UIDs by name. */
    private static Map<String, String> definitions() {
        return CLUSTER.admin().apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .filter(definition -> definition.getSpec().getGroup().equals(Api.GROUP))
                .collect(Collectors.toMap(
                        (CustomResourceDefinition definition) ->
                                definition.getMetadata().getName(),
                        definition -> definition.getMetadata().getUid()));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            files.forEach(file -> copyOne(file, to.resolve(from.relativize(file).toString())));
        }
    }

    private static void copyOne(Path from, Path to) {
        try {
            if (Files.isDirectory(from)) {
                Files.createDirectories(to);
            } else {
                Files.copy(from, to);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
