package io.trustedlaunch.access;

import static io.trustedlaunch.access.AgentAccessIT.Verdict.ALLOWED;
import static io.trustedlaunch.access.AgentAccessIT.Verdict.NOT_BY_POLICY;
import static io.trustedlaunch.access.AgentAccessIT.Verdict.NOT_BY_ROLE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Answer;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What an agent can do with its own credentials, over verbs and resources. Every attempt is made by several
 * identities, so that a denial can be told from a request that nobody could make:
 *
 * <ul>
 *   <li>the agent: what it needs is allowed, all else denied;
 *   <li>an account with the agent's roles that the policies don't know: what only a policy denies is allowed;
 *   <li>an administrator: all is allowed;
 *   <li>the agent with an administrator's roles: its policies still deny every write that is not its node's;
 *   <li>the agent with a token that is bound to no node: no write is allowed.
 * </ul>
 *
 * Writes are dry runs: they pass the same checks and change nothing.
 */
class AgentAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String OURS = "/namespaces/" + Cluster.NAMESPACE;
    private static final String CLUSTER_NODES = GROUP + "/clusternodes";
    private static final String INCARNATIONS = GROUP + OURS + "/vmincarnations";
    private static final String LEASES = "/apis/coordination.k8s.io/v1" + OURS + "/leases";
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private static final String EVENTS = "/apis/events.k8s.io/v1" + OURS + "/events";
    private static final String SECRETS = "/api/v1" + OURS + "/secrets";
    private static final String CONFIG_MAPS = "/api/v1" + OURS + "/configmaps";
    private static final String WATCH = "?watch=true&timeoutSeconds=1";
    private static final String UNIQUE = Cluster.uniqueName("access");
    private static final String OWN = UNIQUE + "-own";
    private static final String OTHER = UNIQUE + "-other";

    enum Verdict {
        ALLOWED,
        /** By RBAC: no agent may. */
        NOT_BY_ROLE,
        /** By a ValidatingAdmissionPolicy: the agent of another node may, or another account with the same roles. */
        NOT_BY_POLICY
    }

    /** A line of the table. */
    record Attempt(Verdict verdict, String what, Call call) {}

    private static String tenant;
    private static KubernetesClient agent;
    private static KubernetesClient unbound;
    private static KubernetesClient sameRolesOnly;
    private static List<Attempt> table;

    @BeforeAll
    static void makeWhatIsAttempted() {
        tenant = CLUSTER.namespace();
        Node own = CLUSTER.node(OWN);
        CLUSTER.node(OTHER);
        agent = CLUSTER.agentOf(own);
        unbound = CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, Cluster.AGENT, Optional.empty()));
        sameRolesOnly = accountWithTheAgentsRoles(own);
        makeObjects();
        table = new ArrayList<>();
        secrets();
        clusterNodes();
        incarnations();
        imageCopies();
        leases();
        certificateRequests();
        theRest();
    }

    private static void secrets() {
        String tenants = "/api/v1/namespaces/" + tenant + "/secrets";
        row(NOT_BY_ROLE, "get a protection key", Call.get(SECRETS + "/" + UNIQUE));
        row(NOT_BY_ROLE, "list the operator's Secrets", Call.get(SECRETS));
        row(NOT_BY_ROLE, "watch the operator's Secrets", Call.get(SECRETS + WATCH));
        row(NOT_BY_ROLE, "get a tenant's Secret", Call.get(tenants + "/" + UNIQUE));
        row(NOT_BY_ROLE, "list a tenant's Secrets", Call.get(tenants));
        row(NOT_BY_ROLE, "list all Secrets", Call.get("/api/v1/secrets"));
        row(NOT_BY_ROLE, "watch all Secrets", Call.get("/api/v1/secrets" + WATCH));
        row(NOT_BY_ROLE, "create a Secret", Call.create(SECRETS, "{metadata: {name: " + UNIQUE + "-new}}"));
        row(NOT_BY_ROLE, "change a Secret", Call.merge(SECRETS + "/" + UNIQUE, "{\"metadata\": {\"labels\": null}}"));
        row(NOT_BY_ROLE, "delete a Secret", Call.delete(SECRETS + "/" + UNIQUE));
    }

    private static void clusterNodes() {
        String own = CLUSTER_NODES + "/" + OWN;
        String other = CLUSTER_NODES + "/" + OTHER;
        row(ALLOWED, "get its ClusterNode", Call.get(own));
        row(ALLOWED, "list ClusterNodes", Call.get(CLUSTER_NODES));
        row(ALLOWED, "watch ClusterNodes", Call.get(CLUSTER_NODES + WATCH));
        row(ALLOWED, "merge into its status", Call.merge(own + "/status", status("networks", "[\"net\"]")));
        row(ALLOWED, "apply its status", Call.apply(own + "/status", clusterNode(OWN, "status: {networks: [net]}")));
        row(
                NOT_BY_POLICY,
                "merge into another's status",
                Call.merge(other + "/status", status("networks", "[\"net\"]")));
        row(
                NOT_BY_POLICY,
                "apply another's status",
                Call.apply(other + "/status", clusterNode(OTHER, "status: {networks: [net]}")));
        row(
                NOT_BY_POLICY,
                "register another's name",
                Call.create(CLUSTER_NODES, clusterNode(OTHER + "-new", "spec: {address: 192.0.2.1}")));
        row(
                NOT_BY_POLICY,
                "register a name that the server makes up",
                Call.create(
                        CLUSTER_NODES,
                        clusterNode(OWN, "spec: {address: 192.0.2.1}").replace("name:", "generateName:")));
        row(NOT_BY_ROLE, "change its own spec", Call.merge(own, "{\"spec\": {\"address\": \"192.0.2.9\"}}"));
        row(NOT_BY_ROLE, "apply its own spec", Call.apply(own, clusterNode(OWN, "spec: {address: 192.0.2.9}")));
        row(NOT_BY_ROLE, "change its own labels", Call.merge(own, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        row(NOT_BY_ROLE, "change another's spec", Call.merge(other, "{\"spec\": {\"maintenance\": \"Drain\"}}"));
        row(NOT_BY_ROLE, "delete its own", Call.delete(own));
        row(NOT_BY_ROLE, "delete another's", Call.delete(other));
    }

    private static void incarnations() {
        String own = INCARNATIONS + "/" + OWN + "-1";
        String other = INCARNATIONS + "/" + OTHER + "-1";
        row(ALLOWED, "get its incarnation", Call.get(own));
        row(ALLOWED, "list incarnations", Call.get(INCARNATIONS));
        row(ALLOWED, "watch incarnations", Call.get(INCARNATIONS + WATCH));
        row(ALLOWED, "get its incarnation's status", Call.get(own + "/status"));
        row(ALLOWED, "merge into its status", Call.merge(own + "/status", status("phase", "\"Running\"")));
        row(ALLOWED, "update its status", Call.update(own + "/status", present(incarnation(OWN, OWN, "Running"))));
        row(ALLOWED, "apply its status", Call.apply(own + "/status", incarnationStatus(OWN)));
        row(
                NOT_BY_POLICY,
                "merge into another's status",
                Call.merge(other + "/status", status("phase", "\"Running\"")));
        row(
                NOT_BY_POLICY,
                "update another's status",
                Call.update(other + "/status", present(incarnation(OTHER, OTHER, "Stopped"))));
        row(NOT_BY_POLICY, "apply another's status", Call.apply(other + "/status", incarnationStatus(OTHER)));
        row(
                NOT_BY_POLICY,
                "update another's status as if it were its own",
                Call.update(other + "/status", present(incarnation(OTHER, OWN, "Running"))));
        row(
                NOT_BY_ROLE,
                "ask itself for something else",
                Call.merge(own, "{\"spec\": {\"desiredState\": \"Erased\"}}"));
        row(NOT_BY_ROLE, "change another's spec", Call.merge(other, "{\"spec\": {\"desiredState\": \"Erased\"}}"));
        row(NOT_BY_ROLE, "take away a finalizer", Call.merge(own, "{\"metadata\": {\"finalizers\": null}}"));
        row(NOT_BY_ROLE, "create an incarnation", Call.create(INCARNATIONS, incarnation(OWN + "-new", OWN, "Running")));
        row(NOT_BY_ROLE, "delete its incarnation", Call.delete(own));
        row(NOT_BY_ROLE, "delete another's incarnation", Call.delete(other));
        row(
                NOT_BY_ROLE,
                "delete incarnations by selector",
                Call.delete(INCARNATIONS + "?fieldSelector=metadata.name=" + OWN + "-1"));
        row(NOT_BY_ROLE, "list incarnations of all namespaces", Call.get(GROUP + "/vmincarnations"));
    }

    private static void imageCopies() {
        String copies = GROUP + "/imagecopies";
        String own = copies + "/" + OWN;
        String other = copies + "/" + OTHER;
        row(ALLOWED, "get a copy", Call.get(own));
        row(ALLOWED, "list copies", Call.get(copies));
        row(ALLOWED, "watch copies", Call.get(copies + WATCH));
        row(ALLOWED, "merge into its copy's status", Call.merge(own + "/status", status("progress", "\"1 %\"")));
        row(ALLOWED, "apply its copy's status", Call.apply(own + "/status", imageCopy(OWN, "status: {progress: 1 %}")));
        row(
                NOT_BY_POLICY,
                "merge into the status of another's copy",
                Call.merge(other + "/status", status("removed", "true")));
        row(
                NOT_BY_POLICY,
                "apply the status of another's copy",
                Call.apply(other + "/status", imageCopy(OTHER, "status: {removed: true}")));
        row(NOT_BY_ROLE, "take away a copy's finalizer", Call.merge(own, "{\"metadata\": {\"finalizers\": null}}"));
        row(NOT_BY_ROLE, "take away what is sealed in its copy", Call.merge(own, "{\"spec\": {\"envelope\": null}}"));
        row(NOT_BY_ROLE, "create a copy", Call.create(copies, imageCopy(OWN + "-new", imageCopySpec(OWN))));
        row(NOT_BY_ROLE, "delete its copy", Call.delete(own));
        row(NOT_BY_ROLE, "delete another's copy", Call.delete(other));
    }

    private static void leases() {
        String leader = LEASES + "/" + UNIQUE + "-leader";
        row(ALLOWED, "begin its heartbeat", Call.create(LEASES, lease("node-" + OWN)));
        row(ALLOWED, "begin its heartbeat by apply", Call.apply(LEASES + "/node-" + OWN, lease("node-" + OWN)));
        row(ALLOWED, "list Leases", Call.get(LEASES));
        row(ALLOWED, "watch Leases", Call.get(LEASES + WATCH));
        row(NOT_BY_POLICY, "begin another's heartbeat", Call.create(LEASES, lease("node-" + OTHER + "-new")));
        row(NOT_BY_POLICY, "renew another's", Call.merge(LEASES + "/node-" + OTHER, renewal()));
        row(NOT_BY_POLICY, "apply another's", Call.apply(LEASES + "/node-" + OTHER, lease("node-" + OTHER)));
        row(NOT_BY_POLICY, "take a Lease that is no node's", Call.merge(leader, renewal()));
        row(NOT_BY_ROLE, "delete another's Lease", Call.delete(LEASES + "/node-" + OTHER));
        row(
                NOT_BY_ROLE,
                "hold a Lease in another namespace",
                Call.create("/apis/coordination.k8s.io/v1/namespaces/" + tenant + "/leases", lease("node-" + OWN)));
    }

    private static void certificateRequests() {
        String other = REQUESTS + "/" + UNIQUE;
        row(ALLOWED, "request for sealing", Call.create(REQUESTS, request("trustedlaunch.io/node-sealing", "{}")));
        row(ALLOWED, "request for the agent", Call.create(REQUESTS, request("trustedlaunch.io/node-agent", "{}")));
        row(ALLOWED, "request for QEMU", Call.create(REQUESTS, request("trustedlaunch.io/node-qemu", "{}")));
        row(ALLOWED, "watch requests", Call.get(REQUESTS + WATCH));
        row(
                NOT_BY_POLICY,
                "request a client certificate of the cluster",
                Call.create(REQUESTS, request("kubernetes.io/kube-apiserver-client", "{}")));
        row(
                NOT_BY_POLICY,
                "request from a signer that is called alike",
                Call.create(REQUESTS, request("trustedlaunch.io/node-agents", "{}")));
        row(
                NOT_BY_ROLE,
                "approve a request",
                Call.merge(
                        other + "/approval",
                        "{\"status\": {\"conditions\": [{\"type\": \"Approved\", \"status\": \"True\"}]}}"));
        row(NOT_BY_ROLE, "write a certificate", Call.merge(other + "/status", status("certificate", "null")));
        row(NOT_BY_ROLE, "delete a request", Call.delete(other));
    }

    private static void theRest() {
        String vms = GROUP + "/namespaces/" + tenant + "/trustedlaunchvms";
        row(ALLOWED, "read who owns a VM", Call.get(vms + "/" + UNIQUE));
        row(NOT_BY_ROLE, "list VMs", Call.get(GROUP + "/trustedlaunchvms"));
        row(
                NOT_BY_ROLE,
                "make itself the owner",
                Call.merge(vms + "/" + UNIQUE + "/status", status("nodeName", "\"x\"")));
        row(NOT_BY_ROLE, "change a VM", Call.merge(vms + "/" + UNIQUE, "{\"spec\": {\"runStrategy\": \"Always\"}}"));
        row(NOT_BY_ROLE, "delete a VM", Call.delete(vms + "/" + UNIQUE));
        String consoles = GROUP + "/namespaces/" + tenant + "/vmconsoles";
        row(ALLOWED, "list consoles", Call.get(GROUP + "/vmconsoles"));
        row(ALLOWED, "watch consoles", Call.get(GROUP + "/vmconsoles" + WATCH));
        row(NOT_BY_ROLE, "open a console", Call.create(consoles, console(UNIQUE + "-new")));
        row(NOT_BY_ROLE, "end a console's session", Call.delete(consoles + "/" + UNIQUE));
        row(
                NOT_BY_ROLE,
                "say where a console is",
                Call.merge(consoles + "/" + UNIQUE + "/status", status("port", "1")));
        row(ALLOWED, "list storage locations", Call.get(GROUP + "/storagelocations"));
        row(
                NOT_BY_ROLE,
                "say that a location is restricted",
                Call.merge(GROUP + "/storagelocations/default/status", status("nodes", "[]")));
        row(
                NOT_BY_ROLE,
                "vouch for images",
                Call.create(
                        GROUP + "/imagecatalogs",
                        "{apiVersion: trustedlaunch.io/v1alpha1, kind: ImageCatalog, metadata: {name: " + UNIQUE
                                + "}, spec: {publicKeys: [mine], source: {configMap: {name: mine}}}}"));
        row(NOT_BY_ROLE, "change a policy", Call.delete(GROUP + "/imageeligibilitypolicies/azure-local"));
        row(ALLOWED, "read the authority's certificate", Call.get(CONFIG_MAPS + "/trusted-launch-ca"));
        row(ALLOWED, "read QEMU's authority's certificate", Call.get(CONFIG_MAPS + "/trusted-launch-qemu-ca"));
        row(NOT_BY_ROLE, "read another ConfigMap", Call.get(CONFIG_MAPS + "/" + UNIQUE));
        row(
                NOT_BY_ROLE,
                "replace the authority's certificate",
                Call.merge(CONFIG_MAPS + "/trusted-launch-ca", "{\"data\": {\"ca.crt\": \"x\"}}"));
        row(NOT_BY_ROLE, "record an event", Call.create(EVENTS, event()));
        row(
                NOT_BY_ROLE,
                "get the operator's token",
                Call.create(
                        "/api/v1" + OURS + "/serviceaccounts/trusted-launch-operator/token",
                        "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {audiences: []}}"));
        row(NOT_BY_ROLE, "read a Node", Call.get("/api/v1/nodes/" + OTHER));
        row(
                NOT_BY_ROLE,
                "label a Node",
                Call.merge("/api/v1/nodes/" + OTHER, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        row(NOT_BY_ROLE, "create a pod", Call.create("/api/v1" + OURS + "/pods", """
                {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}
                """));
        row(
                NOT_BY_ROLE,
                "remove the policy that holds it",
                Call.delete("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
                        + "/trusted-launch-agent-writes"));
    }

    @TestFactory
    Stream<DynamicTest> theAgentCanDoWhatItNeedsAndNothingElse() {
        return tests(table.stream(), agent, attempt -> attempt.verdict() == ALLOWED);
    }

    @TestFactory
    Stream<DynamicTest> withoutThePoliciesTheSameRolesAllowWhatTheyDeny() {
        return tests(table.stream(), sameRolesOnly, attempt -> attempt.verdict() != NOT_BY_ROLE);
    }

    @TestFactory
    Stream<DynamicTest> anAdministratorCanDoAllOfIt() {
        return tests(table.stream(), CLUSTER.admin(), attempt -> true);
    }

    /** Reads are for roles alone: admission is not asked. Nor are policies about policies. */
    @TestFactory
    Stream<DynamicTest> thePoliciesHoldWhateverRolesAnAgentIsGiven() {
        KubernetesClient withAllRoles = CLUSTER.impersonating(
                "system:serviceaccount:" + Cluster.NAMESPACE + ":" + Cluster.AGENT,
                List.of("system:masters"),
                Map.of("authentication.kubernetes.io%2Fnode-name", List.of(OWN)));
        return tests(
                table.stream()
                        .filter(attempt -> attempt.call().writes()
                                && !attempt.call().path().contains("admissionregistration.k8s.io")),
                withAllRoles,
                attempt -> attempt.verdict() == ALLOWED);
    }

    @TestFactory
    Stream<DynamicTest> aTokenThatIsBoundToNoNodeCanWriteNothing() {
        return tests(
                table.stream(),
                unbound,
                attempt -> attempt.verdict() == ALLOWED && !attempt.call().writes());
    }

    @Test
    void aNewNodeRegistersItselfAndKeepsItsHeartbeat() {
        String name = UNIQUE + "-newcomer";
        KubernetesClient newcomer = CLUSTER.agentOf(CLUSTER.node(name));
        ClusterNode node = newcomer.resource(parse(clusterNode(name, "spec: {address: 192.0.2.7}"), ClusterNode.class))
                .create();
        CLUSTER.removeInTheEnd(node);
        assertThat(Call.merge(CLUSTER_NODES + "/" + name + "/status", status("networks", "[\"net\"]"))
                        .by(newcomer)
                        .message())
                .isEmpty();
        CLUSTER.removeInTheEnd(newcomer.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(Cluster.NAMESPACE)
                        .withName("node-" + name)
                        .endMetadata()
                        .build())
                .create());
        assertThat(Call.merge(LEASES + "/node-" + name, renewal()).by(newcomer).message())
                .isEmpty();
        assertThat(Call.merge(LEASES + "/node-" + name, renewal()).by(agent).forbidden())
                .isTrue();
    }

    /** The operator reads the node from here, and never from what the request asks for. */
    @Test
    void aRequestInTheNameOfAnotherNodeCarriesTheRequestersOwn() {
        String forged = "{authentication.kubernetes.io/node-name: [" + OTHER + "]}";
        CertificateSigningRequest created = agent.resource(
                        parse(request("trustedlaunch.io/node-agent", forged), CertificateSigningRequest.class))
                .create();
        CLUSTER.removeInTheEnd(created);
        assertThat(created.getSpec().getUsername())
                .isEqualTo("system:serviceaccount:" + Cluster.NAMESPACE + ":" + Cluster.AGENT);
        assertThat(created.getSpec().getExtra()).containsEntry("authentication.kubernetes.io/node-name", List.of(OWN));
    }

    private static void row(Verdict verdict, String what, Call call) {
        table.add(new Attempt(verdict, what, call.dryRun()));
    }

    private static Stream<DynamicTest> tests(
            Stream<Attempt> attempts, KubernetesClient client, Predicate<Attempt> allowed) {
        // Several at a time: a watch that is allowed takes a second.
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            return attempts
                    .map(attempt -> Map.entry(
                            attempt, threads.submit(() -> attempt.call().by(client))))
                    .toList()
                    .stream()
                    .map(answered -> DynamicTest.dynamicTest(
                            answered.getKey().what(),
                            () -> check(
                                    answered.getKey(), answered.getValue().get(), allowed.test(answered.getKey()))));
        }
    }

    private static void check(Attempt attempt, Answer answer, boolean allowed) {
        if (allowed) {
            assertThat(answer.message()).as("%s", attempt).isEmpty();
        } else {
            assertThat(answer.code()).as("%s: %s", attempt, answer.message()).isEqualTo(403);
        }
    }

    private static KubernetesClient accountWithTheAgentsRoles(Node node) {
        CLUSTER.create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(tenant)
                .withName(Cluster.AGENT)
                .endMetadata()
                .build());
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(UNIQUE)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", Cluster.AGENT)
                .addNewSubject(null, "ServiceAccount", Cluster.AGENT, tenant)
                .build());
        CLUSTER.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(UNIQUE)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", Cluster.AGENT)
                .addNewSubject(null, "ServiceAccount", Cluster.AGENT, tenant)
                .build());
        return CLUSTER.withToken(CLUSTER.token(tenant, Cluster.AGENT, Optional.of(node)));
    }

    private static void makeObjects() {
        CLUSTER.create(Serialization.unmarshal(console(UNIQUE), VMConsole.class));
        for (String namespace : List.of(Cluster.NAMESPACE, tenant)) {
            CLUSTER.create(new SecretBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(UNIQUE)
                    .endMetadata()
                    .build());
        }
        CLUSTER.create(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(Cluster.NAMESPACE)
                .withName(UNIQUE)
                .endMetadata()
                .build());
        // The operator's, if it ever ran here.
        for (String authority : List.of("trusted-launch-ca", "trusted-launch-qemu-ca")) {
            if (CLUSTER.admin()
                            .configMaps()
                            .inNamespace(Cluster.NAMESPACE)
                            .withName(authority)
                            .get()
                    == null) {
                CLUSTER.create(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(Cluster.NAMESPACE)
                        .withName(authority)
                        .endMetadata()
                        .build());
            }
        }
        for (String node : List.of(OWN, OTHER)) {
            CLUSTER.create(parse(clusterNode(node, "spec: {address: 192.0.2.1}"), ClusterNode.class));
            CLUSTER.create(parse(incarnation(node, node, "Preparing"), VMIncarnation.class));
            CLUSTER.create(parse(imageCopy(node, imageCopySpec(node)), ImageCopy.class));
        }
        for (String name : List.of("node-" + OTHER, UNIQUE + "-leader")) {
            CLUSTER.create(new LeaseBuilder()
                    .withNewMetadata()
                    .withNamespace(Cluster.NAMESPACE)
                    .withName(name)
                    .endMetadata()
                    .build());
        }
        CertificateSigningRequest other = parse(request("example.org/nobody", "{}"), CertificateSigningRequest.class);
        other.getMetadata().setName(UNIQUE);
        CLUSTER.create(other);
        CLUSTER.create(parse("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: TrustedLaunchVM
                metadata: {name: %s, namespace: %s}
                spec: {runStrategy: Halted, imageRef: {name: none}, cores: 1, memory: 1Gi, osDisk: {size: 1Gi}}
                """.formatted(UNIQUE, tenant), TrustedLaunchVM.class));
    }

    private static <T extends HasMetadata> T parse(String yaml, Class<T> type) {
        return CLUSTER.admin().getKubernetesSerialization().unmarshal(yaml, type);
    }

    private static String status(String field, String json) {
        return "{\"status\": {\"%s\": %s}}".formatted(field, json);
    }

    private static String clusterNode(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: ClusterNode
                metadata: {name: %s}
                %s
                """.formatted(name, rest);
    }

    private static String imageCopy(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: ImageCopy
                metadata: {name: %s}
                %s
                """.formatted(name, rest);
    }

    private static String imageCopySpec(String node) {
        return """
                spec:
                  image: {name: none, uid: 00000000-0000-0000-0000-000000000000}
                  storageLocation: {name: default, path: /none}
                  nodeName: %s
                  source: {file: {storageLocation: {name: default, path: /none}, path: none}}
                  sha256: "%s"
                """.formatted(node, "0".repeat(64));
    }

    private static String console(String name) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMConsole
                metadata: {name: %s, namespace: %s}
                spec: {vmRef: {name: none}, clientKeySHA256: "%s"}
                """.formatted(name, tenant, "0".repeat(64));
    }

    private static String incarnation(String name, String node, String phase) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMIncarnation
                metadata: {name: %s-1, namespace: %s}
                spec:
                  vmRef: {namespace: none, name: none, uid: none}
                  epoch: 1
                  nodeName: %s
                  desiredState: Stopped
                  machine: {osType: Linux, location: {name: default}, image: {name: none}}
                status: {phase: %s}
                """.formatted(name, Cluster.NAMESPACE, node, phase);
    }

    /** An update names the version that it replaces. */
    private static String present(String yaml) {
        String version = CLUSTER.admin()
                .resource(parse(yaml, VMIncarnation.class))
                .get()
                .getMetadata()
                .getResourceVersion();
        return new Manifest(yaml)
                .with("metadata: {resourceVersion: '" + version + "'}")
                .yaml();
    }

    private static String incarnationStatus(String name) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMIncarnation
                metadata: {name: %s-1}
                status: {phase: Running}
                """.formatted(name);
    }

    private static String lease(String name) {
        return """
                apiVersion: coordination.k8s.io/v1
                kind: Lease
                metadata: {name: %s}
                spec: {holderIdentity: me}
                """.formatted(name);
    }

    private static String renewal() {
        return "{\"spec\": {\"renewTime\": \"2026-01-01T00:00:00.000000Z\"}}";
    }

    private static String request(String signer, String extra) {
        return """
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: %s}
                spec:
                  signerName: %s
                  usages: [client auth]
                  extra: %s
                  request: %s
                """.formatted(Cluster.uniqueName(UNIQUE), signer, extra, requestOfAnotherNode());
    }

    /** Its subject and names are another node's; its key is nobody's any more. */
    private static String requestOfAnotherNode() {
        try (InputStream pem = AgentAccessIT.class.getResourceAsStream("another-node.csr")) {
            return Base64.getEncoder().encodeToString(pem.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String event() {
        return """
                apiVersion: events.k8s.io/v1
                kind: Event
                metadata: {name: %s}
                eventTime: "2026-01-01T00:00:00.000000Z"
                type: Normal
                action: Start
                reason: Running
                regarding: {apiVersion: trustedlaunch.io/v1alpha1, kind: VMIncarnation, name: %s-1, namespace: %s}
                reportingController: trustedlaunch.io/agent
                reportingInstance: %s
                """.formatted(Cluster.uniqueName(UNIQUE), OWN, Cluster.NAMESPACE, OWN);
    }
}
