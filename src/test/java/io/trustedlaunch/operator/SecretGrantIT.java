package io.trustedlaunch.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.custody.EnvelopeRefusedException;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Helm;
import io.trustedlaunch.testkit.SecretGrant;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A namespace decides whether the operator reads its Secrets, under the roles of the chart. */
class SecretGrantIT {
    @Order(1)
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    @Order(2)
    @RegisterExtension
    static final OperatorUnderTest OPERATOR = new OperatorUnderTest(CLUSTER, "secret-grant");

    private static final String ACCOUNT = "trusted-launch-operator";

    private PlayedAgent agent;
    private String namespace;

    @BeforeEach
    void startAgent() {
        namespace = CLUSTER.namespace();
        agent = new PlayedAgent(CLUSTER, CLUSTER.node(Cluster.uniqueName("host"))).register();
    }

    @AfterEach
    void stopAgent() {
        agent.close();
    }

    @Test
    void aVmWaitsUntilTheCommandInItsMessageWasRunAndGoesOnByItself() throws Exception {
        createSecret("init");
        TrustedLaunchVM vm = createVm();
        String message = new AwaitedVm(CLUSTER, vm).ready(Reason.SecretNotReadable);
        assertThat(message).contains("names init", "namespace " + namespace);

        run(message.substring(message.indexOf("kubectl ")));

        assertHasUserData(vm);
        assertThat(Call.get(secrets(namespace) + "/init").by(operator()).succeeded())
                .isTrue();
        assertNoList(namespace);
    }

    @Test
    void aRoleForOneSecretIsEnough() throws Exception {
        createSecret("init");
        createSecret("another");
        TrustedLaunchVM vm = createVm();
        new AwaitedVm(CLUSTER, vm).ready(Reason.SecretNotReadable);

        grantOnly("init");

        assertHasUserData(vm);
        assertThat(Call.get(secrets(namespace) + "/another").by(operator()).forbidden())
                .isTrue();
    }

    @Test
    void whetherASecretExistsIsToldOnlyWithTheGrant() throws Exception {
        TrustedLaunchVM vm = createVm();
        new AwaitedVm(CLUSTER, vm).ready(Reason.SecretNotReadable);
        CLUSTER.create(SecretGrant.of(namespace));
        new AwaitedVm(CLUSTER, vm).ready(Reason.UserDataNotFound);
        createSecret("init");
        assertHasUserData(vm);
    }

    @Test
    void theOperatorReadsNoSecretOutsideItsOwnNamespace() {
        createSecret("init");
        KubernetesClient operator = operator();
        assertThat(Call.get(secrets(namespace) + "/init").by(operator).forbidden())
                .isTrue();
        assertNoList(namespace);
        assertNoList("kube-system");
        assertThat(Call.get("/api/v1/secrets").by(operator).forbidden()).isTrue();
        assertThat(Call.get(secrets(Cluster.NAMESPACE)).by(operator).succeeded())
                .as("its own")
                .isTrue();
    }

    @Test
    void aValueOfTheChartGrantsAllNamespaces() {
        String binding = "kind: ClusterRoleBinding\nmetadata:\n  name: trusted-launch-secret-reader\n";
        assertThat(Helm.render("secrets.readAllNamespaces=true")).contains(binding);
        assertThat(Helm.render("secrets.readAllNamespaces=false")).doesNotContain(binding);
    }

    private static void assertNoList(String namespace) {
        assertThat(Call.get(secrets(namespace)).by(operator()).forbidden()).isTrue();
        assertThat(Call.get(secrets(namespace) + "?watch=true").by(operator()).forbidden())
                .isTrue();
    }

    private static String secrets(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/secrets";
    }

    private static KubernetesClient operator() {
        return CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, ACCOUNT, Optional.empty()));
    }

    private void createSecret(String name) {
        CLUSTER.create(new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withStringData(Map.of("user-data", "#cloud-config\n"))
                .build());
    }

    private TrustedLaunchVM createVm() {
        String image = OfferedImage.allowed(CLUSTER, Cluster.uniqueName("publisher"));
        return CLUSTER.create(OfferedImage.vm(
                namespace,
                "payroll",
                image,
                new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("init")), null)));
    }

    private void grantOnly(String secret) {
        CLUSTER.create(new RoleBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("user-data")
                .endMetadata()
                .addNewRule()
                .withApiGroups("")
                .withResources("secrets")
                .withResourceNames(secret)
                .withVerbs("get")
                .endRule()
                .build());
        CLUSTER.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("user-data")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", "user-data")
                .addNewSubject(null, "ServiceAccount", ACCOUNT, Cluster.NAMESPACE)
                .build());
    }

    private void assertHasUserData(TrustedLaunchVM vm) throws EnvelopeRefusedException {
        assertThat(agent.open(agent.awaitIncarnation(vm.getMetadata().getUid(), 1))
                        .files())
                .containsOnlyKeys("user-data");
    }

    /** As a reader of the message does. */
    private static void run(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of("sh", "-c", command))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(command + ":\n" + output).isZero();
    }
}
