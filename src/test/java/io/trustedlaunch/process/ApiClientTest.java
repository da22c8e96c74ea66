package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.trustedlaunch.api.TrustedLaunchVM;
import org.junit.jupiter.api.Test;

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
