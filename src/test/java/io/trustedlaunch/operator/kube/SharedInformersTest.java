package io.trustedlaunch.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedInformersTest {
    /** Connected to nothing. */
    private final KubernetesClient real = new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder()
                    .withAutoConfigure(false)
                    .withMasterUrl("https://127.0.0.1:1")
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build();

    private final KubernetesClient client = SharedInformers.of(real);

    @AfterEach
    void close() {
        real.close();
    }

    @Test
    void allEventSourcesOfAKindHaveTheSameInformer() {
        assertThat(everywhere(TrustedLaunchVM.class)).isSameAs(everywhere(TrustedLaunchVM.class));
        assertThat(everywhere(ClusterNode.class)).isNotSameAs(everywhere(TrustedLaunchVM.class));
    }

    @Test
    void eachSelectionHasAnInformerOfItsOwn() {
        assertThat(secrets("a", "key")).isSameAs(secrets("a", "key"));
        assertThat(secrets("a", "key")).isNotSameAs(secrets("b", "key"));
        assertThat(secrets("a", "key")).isNotSameAs(secrets("a", "catalog"));
        assertThat(secrets("a", "key")).isNotSameAs(everywhere(Secret.class));
    }

    @Test
    void requestsFailAsThoseOfTheClientItself() {
        assertThatThrownBy(() -> client.resources(Secret.class)
                        .inNamespace("a")
                        .withName("b")
                        .get())
                .isInstanceOf(KubernetesClientException.class);
    }

    /** As the SDK does it. */
    private <R extends HasMetadata> SharedIndexInformer<R> everywhere(Class<R> kind) {
        return client.resources(kind)
                .inAnyNamespace()
                .withLabelSelector((String) null)
                .runnableInformer(0);
    }

    private SharedIndexInformer<Secret> secrets(String namespace, String type) {
        FilterWatchListDeletable<Secret, ?, ?> selected = client.resources(Secret.class)
                .inNamespace(namespace)
                .withLabelSelector((String) null)
                .withField("type", type);
        return selected.runnableInformer(0);
    }
}
