package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.access.AttackReport.Shot;
import io.trustedlaunch.access.Served.Resource;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What the tokens of an agent, a tenant, a namespace's administrator and the fencer take from an API server: nothing that the
 * table of writers and their own roles do not give. In short, it tries the resources of this project; {@code bin/attack} tries
 * all that the API server serves.
 */
@Tag("controllers")
class AttackIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final boolean EVERYTHING = Boolean.getBoolean("attack.everything");
    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String FENCING = "trusted-launch-fencing";
    private static final String OWN_NODE = Cluster.uniqueName("own");
    private static final String OTHER_NODE = Cluster.uniqueName("other");
    private static final List<String> NAMES = List.of(OWN_NODE, OTHER_NODE);
    private static final Set<String> EVERYBODY = Set.of("system:authenticated", "system:serviceaccounts");
    private static final int THREADS = 6;

    private static String victims;
    private static List<Attacker> attackers;

    @BeforeAll
    static void prepare() {
        victims = CLUSTER.namespace();
        attackers = List.of(agent(), of("tenant", "edit"), of("owner", "cluster-admin"), fencer());
        List<String> namespaces = new ArrayList<>(List.of(victims, Cluster.NAMESPACE));
        if (EVERYTHING) {
            namespaces.add(FENCING);
        }
        attackers.stream().map(Attacker::own).filter(own -> !own.isEmpty()).forEach(namespaces::add);
        for (Resource resource : Served.of(CLUSTER.admin(), GROUP)) {
            if (!resource.isSubresource()) {
                for (String namespace : resource.namespaced() ? namespaces : List.of("")) {
                    NAMES.forEach(name -> create(resource, namespace, name));
                }
            }
        }
    }

    @Test
    void nothingIsTakenThatTheTableDoesNotGive() throws IOException {
        List<Resource> resources = EVERYTHING ? Served.everything(CLUSTER.admin()) : Served.of(CLUSTER.admin(), GROUP);
        List<Probe> probes = new ArrayList<>();
        for (Attacker attacker : attackers) {
            probes.addAll(Probes.of(CLUSTER.admin(), attacker, resources, places(attacker)));
        }
        AttackReport report = new AttackReport(fire(probes));
        Path file = Path.of("target/attack.md");
        Files.writeString(file, report.toMarkdown());
        System.out.println(report.toMarkdown());

        assertThat(report.takenAgainstTheTable()).isEmpty();
        assertThat(report.heldByValidationAlone())
                .as("what neither a role nor a policy refuses")
                .isEmpty();
        assertThat(probes).hasSizeGreaterThan(1000);
    }

    private static Probes.Places places(Attacker attacker) {
        List<String> namespaces = new ArrayList<>(List.of(Cluster.NAMESPACE));
        if (EVERYTHING) {
            namespaces.addAll(List.of(victims, FENCING));
        }
        if (!attacker.own().isEmpty()) {
            namespaces.add(attacker.own());
        }
        return new Probes.Places(
                namespaces, EVERYTHING || attacker.account().equals("agent") ? NAMES : List.of(OTHER_NODE));
    }

    private static List<Shot> fire(List<Probe> probes) {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Response>> answers = probes.stream()
                    .map(probe -> threads.submit(() -> answer(probe)))
                    .toList();
            List<Shot> shots = new ArrayList<>();
            for (int i = 0; i < probes.size(); i++) {
                shots.add(new Shot(probes.get(i), answers.get(i).get()));
            }
            return shots;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Asks again what a busy server put off. */
    private static Response answer(Probe probe) {
        Response response = probe.call().by(probe.target().attacker().client());
        for (int times = 0; times < 5 && (response.code() == 429 || response.code() >= 500); times++) {
            response = probe.call().by(probe.target().attacker().client());
        }
        return response;
    }

    private static void create(Resource resource, String namespace, String name) {
        ObjectNode sample = Samples.named(name, CLUSTER.adminName()).get(resource.kind());
        GenericKubernetesResource object = CLUSTER.admin()
                .getKubernetesSerialization()
                .unmarshal(sample.toString(), GenericKubernetesResource.class);
        object.getMetadata().setNamespace(namespace.isEmpty() ? null : namespace);
        CLUSTER.create(object);
    }

    private static Attacker agent() {
        CLUSTER.node(OTHER_NODE);
        KubernetesClient client = CLUSTER.agentOf(CLUSTER.node(OWN_NODE));
        Map<String, List<PolicyRule>> rules = Map.of(
                "",
                everywhere(clusterRole("trusted-launch-agent")),
                Cluster.NAMESPACE,
                role(Cluster.NAMESPACE, "trusted-launch-agent"));
        return new Attacker("agent", client, "", OWN_NODE, rules);
    }

    private static Attacker fencer() {
        String account = "trusted-launch-fencer";
        Map<String, List<PolicyRule>> rules =
                Map.of("", everywhere(clusterRole(account)), FENCING, role(FENCING, account));
        KubernetesClient client = CLUSTER.withToken(CLUSTER.token(FENCING, account, Optional.empty()));
        return new Attacker("fencer", client, "", "", rules);
    }

    /** With this ClusterRole in a namespace of its own. */
    private static Attacker of(String account, String clusterRole) {
        String own = CLUSTER.namespace();
        CLUSTER.create(new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(own)
                .withName(account)
                .endMetadata()
                .build());
        CLUSTER.create(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(own)
                .withName(account)
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", clusterRole)
                .addNewSubject("", "ServiceAccount", account, own)
                .build());
        KubernetesClient client = CLUSTER.withToken(CLUSTER.token(own, account, Optional.empty()));
        await(account + " to have its role")
                .atMost(Cluster.TIMEOUT)
                .until(() -> Call.get(GROUP + "/namespaces/" + own + "/trustedlaunchvms")
                        .by(client)
                        .succeeded());
        return new Attacker(account, client, own, "", Map.of("", everywhere(List.of()), own, clusterRole(clusterRole)));
    }

    /** With what Kubernetes itself gives to each ServiceAccount. */
    private static List<PolicyRule> everywhere(List<PolicyRule> own) {
        List<PolicyRule> rules = new ArrayList<>(own);
        CLUSTER
                .admin()
                .rbac()
                .clusterRoleBindings()
                .withLabel("kubernetes.io/bootstrapping", "rbac-defaults")
                .list()
                .getItems()
                .stream()
                .filter(binding ->
                        binding.getSubjects().stream().anyMatch(subject -> EVERYBODY.contains(subject.getName())))
                .forEach(
                        binding -> rules.addAll(clusterRole(binding.getRoleRef().getName())));
        return rules;
    }

    private static List<PolicyRule> clusterRole(String name) {
        return CLUSTER.admin().rbac().clusterRoles().withName(name).get().getRules();
    }

    private static List<PolicyRule> role(String namespace, String name) {
        return CLUSTER.admin()
                .rbac()
                .roles()
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getRules();
    }
}
