package io.trustedlaunch.operator.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageSpec.FileSource;
import io.trustedlaunch.api.image.GuestImageSpec.HttpsSource;
import io.trustedlaunch.api.image.GuestImageSpec.OciSource;
import io.trustedlaunch.api.image.GuestImageSpec.Source;
import io.trustedlaunch.custody.PullCredentials;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PullSecretReaderTest {
    private static final ObjectRef SECRET = new ObjectRef("pull");
    private static final Source HTTPS =
            new Source(null, new HttpsSource("https://images.example/a", null, SECRET), null);
    private static final String BASIC = "kubernetes.io/basic-auth";
    private static final String DOCKER = "kubernetes.io/dockerconfigjson";

    @Test
    void aSourceWithoutASecretNeedsNone() {
        for (Source source : new Source[] {
            new Source(new FileSource(new ObjectRef("default"), "a"), null, null),
            new Source(null, new HttpsSource("https://images.example/a", null, null), null),
            new Source(null, null, new OciSource("registry.example/a:1", null, null))
        }) {
            assertThat(PullSecretReader.secretName(source)).isEmpty();
            assertThat(PullSecretReader.read(source, "system", Optional.empty()))
                    .isInstanceOf(PullCredentialsFacts.NotNeeded.class);
        }
    }

    @Test
    void aServerGetsUserAndPasswordOrAToken() {
        assertThat(PullSecretReader.secretName(HTTPS)).contains("pull");
        assertFound(
                read(HTTPS, secret(BASIC, Map.of("username", "ada", "password", "hunter2"))),
                PullCredentials.basic("ada", "hunter2"));
        assertFound(
                read(HTTPS, secret("trustedlaunch.io/bearer-token", Map.of("token", "hunter2"))),
                PullCredentials.bearer("hunter2"));
    }

    @Test
    void aMissingSecretIsNamedWithItsNamespace() {
        assertUnusable(
                PullSecretReader.read(HTTPS, "system", Optional.empty()),
                Reason.PullSecretNotFound,
                "spec.source.https.credentialsRef names pull: there is no such Secret in namespace system");
    }

    /** Among them the Secrets that hold what no server may see. */
    @ParameterizedTest
    @CsvSource({
        "Opaque",
        "trustedlaunch.io/protection-key",
        "kubernetes.io/service-account-token",
        "kubernetes.io/tls",
        DOCKER
    })
    void aSecretOfAnotherTypeIsNotUsed(String type) {
        Map<String, String> data =
                Map.of("token", "hunter2", "username", "ada", "password", "hunter2", "key", "hunter2");
        assertUnusable(read(HTTPS, secret(type, data)), Reason.PullSecretInvalid, "the Secret has type " + type);
        if (!type.equals(DOCKER)) {
            assertUnusable(
                    read(oci("registry.example/a:1"), secret(type, data)),
                    Reason.PullSecretInvalid,
                    "the Secret has type " + type);
        }
    }

    @Test
    void aMissingOrUnusableFieldIsNamedWithoutItsValue() {
        assertUnusable(
                read(HTTPS, secret(BASIC, Map.of("username", "ada"))), Reason.PullSecretInvalid, "has no key password");
        assertUnusable(
                read(HTTPS, secret("trustedlaunch.io/bearer-token", Map.of())),
                Reason.PullSecretInvalid,
                "has no key token");
        assertUnusable(
                read(HTTPS, secret("trustedlaunch.io/bearer-token", Map.of("token", "hunter2\n"))),
                Reason.PullSecretInvalid,
                "line break");
        assertUnusable(
                read(oci("registry.example/a:1"), secret(DOCKER, Map.of())),
                Reason.PullSecretInvalid,
                "has no key .dockerconfigjson");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example/images/a:1, registry.example",
        "registry.example/images/a:1, https://registry.example/v1/",
        "registry.example/images/a:1, https://registry.example/v2",
        "Registry.Example/images/a:1, registry.example/",
        "registry.example/images/a:1, registry.example/images",
        "registry.example/images/a:1, registry.example/images/a",
        "registry.example:5000/a@sha256:0, registry.example:5000"
    })
    void aRegistryIsFoundInTheFormsThatLoginToolsWrite(String reference, String entry) {
        assertFound(
                read(oci(reference), config("'" + entry + "': {'auth': '" + pair("ada:hunter2") + "'}")),
                PullCredentials.basic("ada", "hunter2"));
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example/images/a:1, registry.exampl",
        "registry.example/images/a:1, registry.example:5000",
        "registry.example:5000/images/a:1, registry.example",
        "registry.example/images/a:1, other.example",
        "registry.example/images/a:1, registry.example/image",
        "registry.example/images/a:1, *.example",
        "registry.example/images/a:1, ''"
    })
    void anEntryOfAnotherRegistryIsNotUsed(String reference, String entry) {
        assertUnusable(
                read(oci(reference), config("'" + entry + "': {'auth': '" + pair("ada:hunter2") + "'}")),
                Reason.PullSecretInvalid,
                "has no entry for");
    }

    @Test
    void theMostSpecificEntryIsUsed() {
        assertFound(
                read(
                        oci("registry.example/images/a:1"),
                        config("'registry.example': {'username': 'all', 'password': 'p'},"
                                + "'registry.example/images': {'username': 'images', 'password': 'p'},"
                                + "'registry.example/other/repository': {'username': 'other', 'password': 'p'}")),
                PullCredentials.basic("images", "p"));
    }

    @Test
    void anEntryHoldsUserAndPasswordOrARegistryToken() {
        Source source = oci("registry.example/a:1");
        assertFound(
                read(source, config("'registry.example': {'auth': '" + pair("ada:hunter:2") + "'}")),
                PullCredentials.basic("ada", "hunter:2"));
        assertFound(
                read(source, config("'registry.example': {'registrytoken': 'hunter2'}")),
                PullCredentials.bearer("hunter2"));
        for (String entry : new String[] {
            "{}",
            "{'username': 'ada'}",
            "{'auth': '%hunter2'}",
            "{'auth': '" + pair("hunter2") + "'}",
            "{'auth': '" + pair("0:") + "', 'identitytoken': 'hunter2'}",
            "'hunter2'"
        }) {
            assertUnusable(
                    read(source, config("'registry.example': " + entry)), Reason.PullSecretInvalid, "registry.example");
        }
    }

    @Test
    void anInvalidConfigurationIsRefusedWithoutItsContents() {
        for (String text : new String[] {"", "hunter2", "{\"auths\": \"hunter2\"}", "{\"auths\": hunter2}", "[]"}) {
            assertUnusable(
                    read(oci("registry.example/a:1"), secret(DOCKER, Map.of(".dockerconfigjson", text))),
                    Reason.PullSecretInvalid,
                    ".dockerconfigjson");
        }
    }

    private static Source oci(String reference) {
        return new Source(null, null, new OciSource(reference, null, SECRET));
    }

    private static String pair(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private static Secret config(String auths) {
        return secret(DOCKER, Map.of(".dockerconfigjson", ("{'auths': {" + auths + "}}").replace('\'', '"')));
    }

    private static Secret secret(String type, Map<String, String> data) {
        return new SecretBuilder()
                .withType(type)
                .withData(data.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, entry -> pair(entry.getValue()))))
                .build();
    }

    private static PullCredentialsFacts read(Source source, Secret secret) {
        return PullSecretReader.read(source, "system", Optional.of(secret));
    }

    private static void assertFound(PullCredentialsFacts facts, PullCredentials expected) {
        assertThat(facts).isEqualTo(new PullCredentialsFacts.Found(expected));
    }

    private static void assertUnusable(PullCredentialsFacts facts, Reason reason, String message) {
        assertThat(facts).isInstanceOfSatisfying(PullCredentialsFacts.Unusable.class, unusable -> {
            assertThat(unusable.reason()).isEqualTo(reason);
            assertThat(unusable.message()).contains(message).doesNotContain("hunter2");
        });
    }
}
