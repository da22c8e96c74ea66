package io.trustedlaunch.operator.vm;

import static io.trustedlaunch.operator.vm.facts.KeyFixture.protectionKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.Vms;
import org.junit.jupiter.api.Test;

class KeyDestructionTest {
    private final FakeApiServer server = new FakeApiServer();
    private final KeyDestruction destruction = new KeyDestruction(server);

    @Test
    void aKeyIsDestroyedWithItsFinalizer() {
        destruction.destroy(held(stored()));
        assertThat(server.secrets()).isZero();
    }

    @Test
    void aStaleCacheCausesNoSecondWrite() {
        Secret cached = stored();
        Secret withoutFinalizer = new SecretBuilder(cached)
                .editMetadata()
                .withFinalizers()
                .endMetadata()
                .build();
        destruction.destroy(held(cached));
        destruction.destroy(held(cached));
        destruction.destroy(held(withoutFinalizer));
        assertThatThrownBy(() -> new KeyDestruction(server).destroy(held(cached)))
                .isInstanceOf(StaleViewException.class);
    }

    @Test
    void aKeyWhoseVmIsGoneIsForgotten() {
        Secret cached = stored();
        destruction.destroy(held(cached));
        destruction.forget(cached.getMetadata().getName());
        assertThatThrownBy(() -> destruction.destroy(held(cached))).isInstanceOf(StaleViewException.class);
    }

    @Test
    void aNewSecretOfTheSameNameIsDestroyedToo() {
        destruction.destroy(held(stored()));
        destruction.destroy(held(stored()));
        assertThat(server.secrets()).isZero();
    }

    @Test
    void aSecretThatWasDeletedGoesWithItsFinalizer() {
        Secret secret = stored();
        server.delete(secret);
        destruction.destroy(held(server.find(Secret.class, Vms.UID).orElseThrow()));
        assertThat(server.secrets()).isZero();
    }

    private Secret stored() {
        return server.createIfAbsent(new SecretBuilder()
                .withNewMetadata()
                .withName(Vms.UID)
                .withFinalizers(Api.FINALIZER)
                .endMetadata()
                .build());
    }

    private static KeyFacts held(Secret secret) {
        return new KeyFacts.Held(secret, protectionKey(), secret.isMarkedForDeletion());
    }
}
