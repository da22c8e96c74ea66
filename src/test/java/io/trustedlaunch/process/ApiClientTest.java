package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiClientTest {
    private final KubernetesSerialization serialization = ApiClient.serialization();

    @Test
    void managedFieldsAreNotRead() {
        TrustedLaunchVM vm = vm();
        assertThat(vm.getMetadata().getManagedFields()).isEmpty();
        assertThat(vm.getMetadata().getAdditionalProperties()).isEmpty();
        assertThat(vm.getMetadata().getName()).isEqualTo("db");
    }

    /** Then the API server keeps those that it has. */
    @Test
    void managedFieldsAreNotWritten() {
        assertThat(serialization.asJson(vm())).doesNotContain("managedFields");
    }

    @Test
    void ofAllAnnotationsOnlyTheCopyOfTheSpecIsNotRead() {
        assertThat(vm().getMetadata().getAnnotations()).containsOnlyKeys("owner");
    }

    @Test
    void equalTextsOfTwoObjectsAreOneObject() {
        TrustedLaunchVM one = running("one");
        TrustedLaunchVM two = running("two");

        assertThat(one.getStatus().nodeName())
                .isEqualTo("host-a")
                .isSameAs(two.getStatus().nodeName());
        Condition first = one.getStatus().conditions().getFirst();
        assertThat(first.getReason())
                .isEqualTo("Running")
                .isSameAs(two.getStatus().conditions().getFirst().getReason());
        assertThat(one.getMetadata().getNamespace()).isSameAs(two.getMetadata().getNamespace());
        assertThat(first.getMessage()).isEqualTo("m".repeat(64));
        assertThat(two.getMetadata().getName()).isEqualTo("two");
    }

    /** A key must not outlive its Secret in memory. */
    @Test
    void whatIsInASecretIsNotKept() {
        String text =
                "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"key\": \"c2VjcmV0\"}, \"stringData\": {\"key\": \"secret\"}}";
        Secret one = serialization.unmarshal(text, Secret.class);
        Secret two = serialization.unmarshal(text, Secret.class);

        assertThat(one.getData().get("key"))
                .isEqualTo("c2VjcmV0")
                .isNotSameAs(two.getData().get("key"));
        assertThat(one.getStringData().get("key"))
                .isNotSameAs(two.getStringData().get("key"));
    }

    private TrustedLaunchVM running(String name) {
        String text = """
                {"apiVersion": "trustedlaunch.io/v1alpha1", "kind": "TrustedLaunchVM",
                 "metadata": {"name": "%s", "namespace": "prod"},
                 "status": {"nodeName": "host-a",
                            "conditions": [{"type": "Ready", "status": "True", "reason": "Running", "message": "%s"}]}}
                """.formatted(name, "m".repeat(64));
        return serialization.unmarshal(text, TrustedLaunchVM.class);
    }

    /** A tenant can write 64 KiB of others to each object, and has no limit on objects. */
    @ParameterizedTest
    @ValueSource(classes = {VMConsole.class, VMBackup.class, VMMigration.class, VMIncarnation.class, ClusterNode.class})
    void ofALabelOrAnAnnotationThatIsNotOursNothingIsRead(Class<? extends HasMetadata> kind) {
        ObjectMeta metadata = unmarshalled(kind).getMetadata();

        assertThat(metadata.getLabels()).containsExactly(Map.entry("trustedlaunch.io/drain", "a"));
        assertThat(metadata.getAnnotations()).containsExactly(Map.entry("trustedlaunch.io/remove-files", "true"));
        assertThat(metadata.getFinalizers()).containsExactly("example.com/other");
        assertThat(metadata.getOwnerReferences()).hasSize(1);
        assertThat(metadata.getResourceVersion()).isEqualTo("7");
    }

    @Test
    void aVmHasAllThatItsUserWrote() {
        ObjectMeta metadata = unmarshalled(TrustedLaunchVM.class).getMetadata();

        assertThat(metadata.getLabels()).containsKeys("app", "trustedlaunch.io/drain");
        assertThat(metadata.getAnnotations()).containsKeys("owner", "trustedlaunch.io/remove-files");
    }

    @Test
    void anObjectWithoutLabelsIsRead() {
        assertThat(serialization
                        .unmarshal("{\"metadata\":{\"name\":\"a\"}}", VMConsole.class)
                        .getMetadata()
                        .getName())
                .isEqualTo("a");
    }

    private <T extends HasMetadata> T unmarshalled(Class<T> kind) {
        return serialization.unmarshal("""
                {
                  "metadata": {
                    "name": "a", "resourceVersion": "7", "finalizers": ["example.com/other"],
                    "ownerReferences": [{"kind": "Pod", "name": "p", "uid": "u", "apiVersion": "v1"}],
                    "labels": {"app": "db", "trustedlaunch.io/drain": "a", "trustedlaunch.io": "x"},
                    "annotations": {"owner": "ada", "trustedlaunch.io/remove-files": "true"}
                  }
                }
                """, kind);
    }

    @Test
    void theImagesOfANodeAreNotRead() {
        Node node = serialization.unmarshal("""
                {
                  "apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"},
                  "status": {"images": [{"names": ["one"]}], "phase": "Running"}
                }
                """, Node.class);
        assertThat(node.getStatus().getImages()).isEmpty();
        assertThat(node.getStatus().getPhase()).isEqualTo("Running");
    }

    private TrustedLaunchVM vm() {
        return serialization.unmarshal("""
                {
                  "apiVersion": "trustedlaunch.io/v1alpha1", "kind": "TrustedLaunchVM",
                  "metadata": {
                    "name": "db",
                    "annotations": {
                      "kubectl.kubernetes.io/last-applied-configuration": "{}",
                      "owner": "ada"
                    },
                    "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]
                  }
                }
                """, TrustedLaunchVM.class);
    }
}
