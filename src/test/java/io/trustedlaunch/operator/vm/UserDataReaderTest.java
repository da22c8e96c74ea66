package io.trustedlaunch.operator.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.operator.kube.TenantSecret;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserDataReaderTest {
    private static final GuestConfig CLOUD_INIT =
            new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null);
    private static final GuestConfig SYSPREP =
            new GuestConfig(null, new GuestConfig.SecretSource(new ObjectRef("init")));

    @Test
    void aSecretThatTheNamespaceGrantsIsRead() {
        assertThat(read(CLOUD_INIT, secret(Map.of("user-data", "#cloud-config"))))
                .isInstanceOfSatisfying(
                        UserDataFacts.Files.class,
                        read -> assertThat(read.files())
                                .containsOnlyKeys("user-data")
                                .hasEntrySatisfying(
                                        "user-data",
                                        content -> assertThat(content)
                                                .asString(UTF_8)
                                                .isEqualTo("#cloud-config")));
    }

    @Test
    void withoutTheGrantTheMessageHasTheSecretAndTheCommandThatGrantsIt() {
        assertUnusable(
                read(CLOUD_INIT, new TenantSecret.Forbidden()),
                Reason.SecretNotReadable,
                "spec.guestConfig.cloudInit.secretRef names init: the operator has no permission to read this Secret in"
                        + " namespace finance; an administrator of the namespace grants it with: kubectl create"
                        + " rolebinding trusted-launch-secrets --clusterrole=trusted-launch-secret-reader"
                        + " --serviceaccount=vms:trusted-launch-operator --namespace finance");
    }

    @Test
    void aSecretThatDoesNotExistIsToBeCreated() {
        assertUnusable(
                read(SYSPREP, new TenantSecret.NotFound()),
                Reason.UserDataNotFound,
                "spec.guestConfig.sysprep.secretRef names init: this Secret does not exist in namespace finance; create"
                        + " it there");
    }

    @Test
    void theKeysOfTheSecretAreThoseOfItsKind() {
        assertUnusable(
                read(SYSPREP, secret(Map.of("user-data", "x"))),
                Reason.UserDataInvalid,
                "spec.guestConfig.sysprep.secretRef names init: the Secret lacks the key unattend.xml; add it");
        assertUnusable(
                read(CLOUD_INIT, secret(Map.of("user-data", "x", "password", "y"))),
                Reason.UserDataInvalid,
                "spec.guestConfig.cloudInit.secretRef names init: the Secret has unknown keys [password]; remove them:"
                        + " supported are user-data and [meta-data, network-config]");
    }

    private static UserDataFacts read(GuestConfig config, TenantSecret secret) {
        return UserDataReader.read(config, "finance", secret, "vms");
    }

    private static TenantSecret secret(Map<String, String> texts) {
        Map<String, String> data = new HashMap<>();
        texts.forEach((key, text) -> data.put(key, Base64.getEncoder().encodeToString(text.getBytes(UTF_8))));
        return new TenantSecret.Found(new SecretBuilder().withData(data).build());
    }

    private static void assertUnusable(UserDataFacts facts, Reason reason, String message) {
        assertThat(facts).isEqualTo(new UserDataFacts.Unusable(reason, message));
    }
}
