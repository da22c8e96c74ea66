package io.trustedlaunch.access;

import static io.trustedlaunch.access.AgentAccessIT.Verdict.ALLOWED;
import static io.trustedlaunch.access.AgentAccessIT.Verdict.DENIED_BY_POLICY;
import static io.trustedlaunch.access.AgentAccessIT.Verdict.DENIED_BY_ROLE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Call.Response;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What an agent can do with its own credentials, over verbs and resources. Several identities make each attempt, which
 * distinguishes a denial from a request that fails for everyone:
 *
 * <ul>
 *   <li>the agent: what it needs is allowed, everything else is denied;
 *   <li>an account with the agent's roles to which the policies do not apply: what only a policy denies is allowed;
 *   <li>an administrator: everything is allowed;
 *   <li>the agent with an administrator's roles: the policies still deny every write outside its own node;
 *   <li>the agent with a token that is not bound to a node: no write is allowed.
 * </ul>
 *
 * Writes are dry runs, which pass the same checks and change nothing.
 */
class AgentAccessIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String OURS = "/namespaces/" + Cluster.NAMESPACE;
    private static final String CLUSTER_NODES = GROUP + "/clusternodes";
    private static final String INCARNATIONS = GROUP + OURS + "/vmincarnations";
    private static final String BACKUP_RUNS = GROUP + OURS + "/backupruns";
    private static final String STORED_BACKUP_RUNS = GROUP + OURS + "/storedbackupruns";
    private static final String RESTORE_RUNS = GROUP + OURS + "/restoreruns";
    private static final String DISK_FILLS = GROUP + OURS + "/diskfills";
    private static final String LEASES = "/apis/coordination.k8s.io/v1" + OURS + "/leases";
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private static final String EVENTS = "/apis/events.k8s.io/v1" + OURS + "/events";
    private static final String SECRETS = "/api/v1" + OURS + "/secrets";
    private static final String CONFIG_MAPS = "/api/v1" + OURS + "/configmaps";
    private static final String WATCH = "?watch=true&timeoutSeconds=1";
    private static final String BOOT = "3f0c6d6e-0000-0000-0000-000000000001";
    private static final String UNIQUE = Cluster.uniqueName("access");
    private static final String OWN = UNIQUE + "-own";
    private static final String OTHER = UNIQUE + "-other";

    enum Verdict {
        ALLOWED,
        /** RBAC denies it to every agent. */
        DENIED_BY_ROLE,
        /** A ValidatingAdmissionPolicy denies it to this agent, although its roles allow it. */
        DENIED_BY_POLICY
    }

    /** A row of the table. */
    record Attempt(Verdict verdict, String what, Call call) {}

    private static String tenant;
    private static KubernetesClient agent;
    private static KubernetesClient unbound;
    private static KubernetesClient sameRolesOnly;
    private static List<Attempt> table;

    @BeforeAll
    static void createAttempts() {
        tenant = CLUSTER.namespace();
        Node own = CLUSTER.node(OWN);
        CLUSTER.node(OTHER);
        agent = CLUSTER.agentOf(own);
        unbound = CLUSTER.withToken(CLUSTER.token(Cluster.NAMESPACE, Cluster.AGENT, Optional.empty()));
        sameRolesOnly = accountWithTheAgentsRoles(own);
        createObjects();
        table = new ArrayList<>();
        secrets();
        clusterNodes();
        nodeFences();
        incarnations();
        imageCopies();
        backupRuns();
        storedBackupRuns();
        restoreRuns();
        diskFills();
        leases();
        certificateRequests();
        otherResources();
    }

    private static void secrets() {
        String tenants = "/api/v1/namespaces/" + tenant + "/secrets";
        deniedByRole("get a protection key", Call.get(SECRETS + "/" + UNIQUE));
        deniedByRole("list the operator's Secrets", Call.get(SECRETS));
        deniedByRole("watch the operator's Secrets", Call.get(SECRETS + WATCH));
        deniedByRole("get a tenant's Secret", Call.get(tenants + "/" + UNIQUE));
        deniedByRole("list a tenant's Secrets", Call.get(tenants));
        deniedByRole("list all Secrets", Call.get("/api/v1/secrets"));
        deniedByRole("watch all Secrets", Call.get("/api/v1/secrets" + WATCH));
        deniedByRole("create a Secret", Call.create(SECRETS, "{metadata: {name: " + UNIQUE + "-new}}"));
        deniedByRole("change a Secret", Call.merge(SECRETS + "/" + UNIQUE, "{\"metadata\": {\"labels\": null}}"));
        deniedByRole("delete a Secret", Call.delete(SECRETS + "/" + UNIQUE));
    }

    private static void clusterNodes() {
        String own = CLUSTER_NODES + "/" + OWN;
        String other = CLUSTER_NODES + "/" + OTHER;
        allowed("get its ClusterNode", Call.get(own));
        allowed("list ClusterNodes", Call.get(CLUSTER_NODES));
        allowed("watch ClusterNodes", Call.get(CLUSTER_NODES + WATCH));
        allowed("merge into its status", Call.merge(own + "/status", status("networks", "[\"net\"]")));
        allowed("apply its status", Call.apply(own + "/status", clusterNode(OWN, "status: {networks: [net]}")));
        deniedByPolicy("merge into another's status", Call.merge(other + "/status", status("networks", "[\"net\"]")));
        deniedByPolicy(
                "apply another's status",
                Call.apply(other + "/status", clusterNode(OTHER, "status: {networks: [net]}")));
        allowed("report that its host is ready", Call.merge(own + "/status", condition("HostReady")));
        deniedByPolicy("enrol itself", Call.merge(own + "/status", condition("Enrolled")));
        deniedByPolicy(
                "enrol itself by an apply",
                Call.apply(
                        own + "/status", clusterNode(OWN, condition("Enrolled").replaceFirst("\\{(.*)}", "$1"))));
        deniedByPolicy("say that its node is ready", Call.merge(own + "/status", condition("Ready")));
        deniedByPolicy("say that it is drained", Call.merge(own + "/status", condition("Drained")));
        deniedByRole("register itself", Call.create(CLUSTER_NODES, clusterNode(OWN + "-new", "spec: {}")));
        deniedByRole("register another's name", Call.create(CLUSTER_NODES, clusterNode(OTHER + "-new", "spec: {}")));
        deniedByRole("change its own spec", Call.merge(own, "{\"spec\": {\"address\": \"192.0.2.9\"}}"));
        deniedByRole(
                "say which machine's power is cut",
                Call.merge(own, "{\"spec\": {\"machineUUID\": \"11111111-7e2c-45ed-8737-b6004f4224cf\"}}"));
        deniedByRole("apply its own spec", Call.apply(own, clusterNode(OWN, "spec: {address: 192.0.2.9}")));
        deniedByRole("change its own labels", Call.merge(own, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        deniedByRole("change another's spec", Call.merge(other, "{\"spec\": {\"maintenance\": \"Drain\"}}"));
        deniedByRole("state that its own host is dead", Call.merge(own, statement()));
        deniedByRole("state that another's host is dead", Call.merge(other, statement()));
        deniedByRole("delete its own", Call.delete(own));
        deniedByRole("delete another's", Call.delete(other));
    }

    private static void nodeFences() {
        String fences = GROUP + "/nodefences";
        allowed("read whether a node is proved dead", Call.get(fences + "/" + OTHER));
        deniedByRole("list NodeFences", Call.get(fences));
        deniedByRole("watch NodeFences", Call.get(fences + WATCH));
        deniedByRole("create a NodeFence", Call.create(fences, nodeFence(OTHER + "-new", OTHER)));
        deniedByRole("create a NodeFence of its own node", Call.create(fences, nodeFence(OWN + "-new", OWN)));
        deniedByRole("label a NodeFence", Call.merge(fences + "/" + OTHER, "{\"metadata\": {\"labels\": null}}"));
        deniedByRole(
                "say that another node is proved dead",
                Call.merge(fences + "/" + OTHER + "/status", status("phase", "\"Proved\"")));
        deniedByRole(
                "release the fence of its own node",
                Call.merge(fences + "/" + OWN + "/status", status("phase", "\"Released\"")));
        deniedByRole("delete the NodeFence of its own node", Call.delete(fences + "/" + OWN));
    }

    private static void incarnations() {
        String own = INCARNATIONS + "/" + OWN + "-1";
        String other = INCARNATIONS + "/" + OTHER + "-1";
        allowed("get its incarnation", Call.get(own));
        allowed("list incarnations", Call.get(INCARNATIONS));
        allowed("watch incarnations", Call.get(INCARNATIONS + WATCH));
        allowed("merge into its status", Call.merge(own + "/status", status("phase", "\"Running\"")));
        allowed("apply its status", Call.apply(own + "/status", incarnationStatus(OWN)));
        deniedByPolicy("merge into another's status", Call.merge(other + "/status", status("phase", "\"Running\"")));
        deniedByPolicy("apply another's status", Call.apply(other + "/status", incarnationStatus(OTHER)));
        deniedByPolicy(
                "merge into another's status as if it were its own",
                Call.merge(
                        other + "/status",
                        "{\"spec\": {\"nodeName\": \"" + OWN + "\"}, \"status\": {\"phase\": \"Running\"}}"));
        deniedByRole("change its own spec", Call.merge(own, "{\"spec\": {\"desiredState\": \"Erased\"}}"));
        deniedByRole("change another's spec", Call.merge(other, "{\"spec\": {\"desiredState\": \"Erased\"}}"));
        deniedByRole("remove a finalizer", Call.merge(own, "{\"metadata\": {\"finalizers\": null}}"));
        deniedByRole("create an incarnation", Call.create(INCARNATIONS, incarnation(OWN + "-new", OWN, "Running")));
        deniedByRole("delete its incarnation", Call.delete(own));
        deniedByRole("delete another's incarnation", Call.delete(other));
        deniedByRole(
                "delete incarnations by selector",
                Call.delete(INCARNATIONS + "?fieldSelector=metadata.name=" + OWN + "-1"));
        deniedByRole("list incarnations of all namespaces", Call.get(GROUP + "/vmincarnations"));
    }

    private static void imageCopies() {
        String copies = GROUP + "/imagecopies";
        String own = copies + "/" + OWN;
        String other = copies + "/" + OTHER;
        allowed("list copies", Call.get(copies));
        allowed("watch copies", Call.get(copies + WATCH));
        allowed("merge into its copy's status", Call.merge(own + "/status", status("progressPercent", "1")));
        allowed("apply its copy's status", Call.apply(own + "/status", imageCopy(OWN, "status: {progressPercent: 1}")));
        deniedByPolicy(
                "merge into the status of another's copy", Call.merge(other + "/status", status("removed", "true")));
        deniedByPolicy(
                "apply the status of another's copy",
                Call.apply(other + "/status", imageCopy(OTHER, "status: {removed: true}")));
        deniedByRole("remove a copy's finalizer", Call.merge(own, "{\"metadata\": {\"finalizers\": null}}"));
        deniedByRole("remove its copy's envelope", Call.merge(own, "{\"spec\": {\"envelope\": null}}"));
        deniedByRole("create a copy", Call.create(copies, imageCopy(OWN + "-new", imageCopySpec(OWN))));
        deniedByRole("delete its copy", Call.delete(own));
        deniedByRole("delete another's copy", Call.delete(other));
    }

    private static void backupRuns() {
        String own = BACKUP_RUNS + "/" + OWN;
        String other = BACKUP_RUNS + "/" + OTHER;
        String running = "status: {phase: Running}";
        allowed("list runs", Call.get(BACKUP_RUNS + "?fieldSelector=spec.nodeName%3D" + OWN));
        allowed("watch runs", Call.get(BACKUP_RUNS + WATCH));
        allowed("merge into its run's status", Call.merge(own + "/status", status("progressPercent", "1")));
        allowed("apply its run's status", Call.apply(own + "/status", backupRun(OWN, running)));
        deniedByPolicy(
                "merge into the status of another's run",
                Call.merge(other + "/status", status("progressPercent", "1")));
        deniedByPolicy("apply the status of another's run", Call.apply(other + "/status", backupRun(OTHER, running)));
        deniedByRole("label its run", Call.merge(own, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        deniedByRole("create a run", Call.create(BACKUP_RUNS, backupRun(OWN + "-new", backupRunSpec(OWN))));
        deniedByRole("delete its run", Call.delete(own));
        deniedByRole("delete another's run", Call.delete(other));
        deniedByRole("list runs of all namespaces", Call.get(GROUP + "/backupruns"));
        deniedByRole("list backups", Call.get(GROUP + "/vmbackups"));
    }

    private static void storedBackupRuns() {
        String own = STORED_BACKUP_RUNS + "/" + OWN;
        String other = STORED_BACKUP_RUNS + "/" + OTHER;
        String running = "status: {phase: Running}";
        allowed("list stored runs", Call.get(STORED_BACKUP_RUNS + "?fieldSelector=spec.nodeName%3D" + OWN));
        allowed("watch stored runs", Call.get(STORED_BACKUP_RUNS + WATCH));
        allowed("apply its stored run's status", Call.apply(own + "/status", storedBackupRun(OWN, running)));
        deniedByPolicy(
                "apply the status of another's stored run",
                Call.apply(other + "/status", storedBackupRun(OTHER, running)));
        deniedByPolicy(
                "merge into the status of another's stored run",
                Call.merge(other + "/status", status("progressPercent", "1")));
        deniedByRole("label its stored run", Call.merge(own, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        deniedByRole(
                "create a stored run",
                Call.create(STORED_BACKUP_RUNS, storedBackupRun(OWN + "-new", storedBackupRunSpec(OWN))));
        deniedByRole("delete its stored run", Call.delete(own));
        deniedByRole("delete another's stored run", Call.delete(other));
        deniedByRole("list stored runs of all namespaces", Call.get(GROUP + "/storedbackupruns"));
    }

    private static void restoreRuns() {
        String own = RESTORE_RUNS + "/" + OWN;
        String other = RESTORE_RUNS + "/" + OTHER;
        String running = "status: {phase: Running}";
        allowed("list restores", Call.get(RESTORE_RUNS + "?fieldSelector=spec.nodeName%3D" + OWN));
        allowed("watch restores", Call.get(RESTORE_RUNS + WATCH));
        allowed("apply its restore's status", Call.apply(own + "/status", restoreRun(OWN, running)));
        deniedByPolicy(
                "apply the status of another's restore", Call.apply(other + "/status", restoreRun(OTHER, running)));
        deniedByPolicy(
                "merge into the status of another's restore", Call.merge(other + "/status", status("reason", "\"x\"")));
        deniedByRole("label its restore", Call.merge(own, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        deniedByRole("create a restore", Call.create(RESTORE_RUNS, restoreRun(OWN + "-new", restoreRunSpec(OWN))));
        deniedByRole("delete its restore", Call.delete(own));
        deniedByRole("list restores of all namespaces", Call.get(GROUP + "/restoreruns"));
    }

    private static void diskFills() {
        String own = DISK_FILLS + "/" + OWN;
        String other = DISK_FILLS + "/" + OTHER;
        String running = "status: {phase: Running, progressPercent: 5}";
        allowed("list fills", Call.get(DISK_FILLS + "?fieldSelector=spec.nodeName%3D" + OWN));
        allowed("watch fills", Call.get(DISK_FILLS + WATCH));
        allowed("apply its fill's status", Call.apply(own + "/status", diskFill(OWN, running)));
        deniedByPolicy("apply the status of another's fill", Call.apply(other + "/status", diskFill(OTHER, running)));
        deniedByPolicy(
                "merge into the status of another's fill", Call.merge(other + "/status", status("reason", "\"x\"")));
        deniedByRole("put another envelope into its fill", Call.merge(own, "{\"spec\": {\"envelope\": \"eA==\"}}"));
        deniedByRole("create a fill", Call.create(DISK_FILLS, diskFill(OWN + "-new", diskFillSpec(OWN))));
        deniedByRole("delete its fill", Call.delete(own));
        deniedByRole("list fills of all namespaces", Call.get(GROUP + "/diskfills"));
    }

    private static void leases() {
        String leader = LEASES + "/" + UNIQUE + "-leader";
        allowed("begin its heartbeat", Call.create(LEASES, lease("node-" + OWN)));
        allowed("begin its heartbeat by apply", Call.apply(LEASES + "/node-" + OWN, lease("node-" + OWN)));
        allowed("list Leases", Call.get(LEASES));
        allowed("watch Leases", Call.get(LEASES + WATCH));
        deniedByPolicy("begin another's heartbeat", Call.create(LEASES, lease("node-" + OTHER + "-new")));
        deniedByPolicy("renew another's", Call.merge(LEASES + "/node-" + OTHER, renewal()));
        deniedByPolicy("apply another's", Call.apply(LEASES + "/node-" + OTHER, lease("node-" + OTHER)));
        deniedByPolicy("take over a Lease that belongs to no node", Call.merge(leader, renewal()));
        String own = LEASES + "/node-" + OWN;
        deniedByPolicy(
                "have a large Lease",
                Call.apply(own, lease("node-" + OWN).replace("Identity: me", "Identity: " + "x".repeat(254))));
        deniedByPolicy(
                "have a Lease with large annotations",
                Call.apply(
                        own,
                        lease("node-" + OWN)
                                .replace("metadata: {", "metadata: {annotations: {a: " + "x".repeat(1025) + "}, ")));
        deniedByPolicy(
                "have a Lease with large managed fields",
                Call.create(LEASES, managed(lease("node-" + OWN), "coordination.k8s.io/v1")));
        deniedByPolicy(
                "have a Lease that is never removed",
                Call.apply(own, lease("node-" + OWN).replace("metadata: {", "metadata: {finalizers: [a/b], ")));
        deniedByRole("delete another's Lease", Call.delete(LEASES + "/node-" + OTHER));
        deniedByRole(
                "hold a Lease in another namespace",
                Call.create("/apis/coordination.k8s.io/v1/namespaces/" + tenant + "/leases", lease("node-" + OWN)));
    }

    private static void certificateRequests() {
        String other = REQUESTS + "/" + UNIQUE;
        deniedByPolicy(
                "make a large request by its managed fields",
                Call.create(
                        REQUESTS, managed(request("trustedlaunch.io/node-sealing", "{}"), "certificates.k8s.io/v1")));
        allowed("request for sealing", Call.create(REQUESTS, request("trustedlaunch.io/node-sealing", "{}")));
        allowed("request for the agent", Call.create(REQUESTS, request("trustedlaunch.io/node-agent", "{}")));
        allowed("request for QEMU", Call.create(REQUESTS, request("trustedlaunch.io/node-qemu", "{}")));
        allowed("watch requests", Call.get(REQUESTS + WATCH));
        deniedByPolicy(
                "request a client certificate of the cluster",
                Call.create(REQUESTS, request("kubernetes.io/kube-apiserver-client", "{}")));
        deniedByPolicy(
                "request from a signer with a similar name",
                Call.create(REQUESTS, request("trustedlaunch.io/node-agents", "{}")));
        String sealing = "trustedlaunch.io/node-sealing";
        deniedByPolicy(
                "request under another name, to make any number of requests",
                Call.create(REQUESTS, request(UNIQUE + "-any", sealing, "{}")));
        deniedByPolicy(
                "make an eleventh request",
                Call.create(REQUESTS, request("trusted-launch-sealing-" + OWN + "-10", sealing, "{}")));
        deniedByPolicy(
                "take the name of another node's request",
                Call.create(REQUESTS, request("trusted-launch-sealing-" + OTHER + "-0", sealing, "{}")));
        deniedByPolicy(
                "take the name of its request to another signer",
                Call.create(REQUESTS, request("trusted-launch-agent-" + OWN + "-0", sealing, "{}")));
        deniedByPolicy(
                "make a request that is never removed",
                Call.create(REQUESTS, request(sealing, "{}").replace("metadata: {", "metadata: {finalizers: [a/b], ")));
        deniedByPolicy(
                "make a large request by its annotations",
                Call.create(
                        REQUESTS,
                        request(sealing, "{}")
                                .replace("metadata: {", "metadata: {annotations: {a: " + "x".repeat(1025) + "}, ")));
        deniedByPolicy(
                "make a large request",
                Call.create(
                        REQUESTS, request(sealing, "{}").replace(requestOfAnotherNode(), largeRequestOfAnotherNode())));
        deniedByRole(
                "approve a request",
                Call.merge(
                        other + "/approval",
                        "{\"status\": {\"conditions\": [{\"type\": \"Approved\", \"status\": \"True\"}]}}"));
        deniedByRole("write a certificate", Call.merge(other + "/status", status("certificate", "null")));
        deniedByRole("delete a request", Call.delete(other));
    }

    private static void otherResources() {
        String vms = GROUP + "/namespaces/" + tenant + "/trustedlaunchvms";
        allowed("read which node owns a VM", Call.get(vms + "/" + UNIQUE));
        deniedByRole("list VMs", Call.get(GROUP + "/trustedlaunchvms"));
        deniedByRole(
                "make itself the owner of a VM",
                Call.merge(vms + "/" + UNIQUE + "/status", status("nodeName", "\"x\"")));
        deniedByRole("change a VM", Call.merge(vms + "/" + UNIQUE, "{\"spec\": {\"runStrategy\": \"Always\"}}"));
        deniedByRole("delete a VM", Call.delete(vms + "/" + UNIQUE));
        String consoles = GROUP + "/namespaces/" + tenant + "/vmconsoles";
        allowed("list consoles", Call.get(GROUP + "/vmconsoles"));
        allowed("watch consoles", Call.get(GROUP + "/vmconsoles" + WATCH));
        deniedByRole("open a console", Call.create(consoles, console(UNIQUE + "-new")));
        deniedByRole("end a console's session", Call.delete(consoles + "/" + UNIQUE));
        deniedByRole("set a console's port", Call.merge(consoles + "/" + UNIQUE + "/status", status("port", "1")));
        String downloads = GROUP + "/namespaces/" + tenant + "/vmbackupdownloads";
        allowed("list downloads", Call.get(GROUP + "/vmbackupdownloads"));
        allowed("watch downloads", Call.get(GROUP + "/vmbackupdownloads" + WATCH));
        deniedByRole("read a disk of a backup", Call.create(downloads, download(UNIQUE + "-new")));
        deniedByRole("end a download", Call.delete(downloads + "/" + UNIQUE));
        deniedByRole("set a download's port", Call.merge(downloads + "/" + UNIQUE + "/status", status("port", "1")));
        allowed("list storage locations", Call.get(GROUP + "/storagelocations"));
        allowed("list backup locations", Call.get(GROUP + "/backuplocations"));
        deniedByRole(
                "have a marker made",
                Call.merge(
                        GROUP + "/backuplocations/" + UNIQUE,
                        "{\"metadata\": {\"annotations\": {\"trustedlaunch.io/initialize\": \"x\"}}}"));
        deniedByRole(
                "say which store a backup location is",
                Call.merge(
                        GROUP + "/backuplocations/" + UNIQUE + "/status",
                        status("bucketID", "\"00000000-0000-4000-8000-000000000001\"")));
        deniedByRole(
                "report a location as restricted",
                Call.merge(GROUP + "/storagelocations/" + UNIQUE + "/status", status("nodes", "[]")));
        deniedByRole(
                "create an ImageCatalog",
                Call.create(
                        GROUP + "/imagecatalogs",
                        "{apiVersion: trustedlaunch.io/v1alpha1, kind: ImageCatalog, metadata: {name: " + UNIQUE
                                + "}, spec: {catalogName: mine, publicKeys: [mine], source: {configMap: {name: mine}}}}"));
        deniedByRole("change a policy", Call.delete(GROUP + "/imageeligibilitypolicies/" + UNIQUE));
        allowed("read the authority's certificate", Call.get(CONFIG_MAPS + named("trusted-launch-ca")));
        allowed("read QEMU's authority's certificate", Call.get(CONFIG_MAPS + named("trusted-launch-qemu-ca")));
        deniedByRole("read another ConfigMap", Call.get(CONFIG_MAPS + "/" + UNIQUE));
        deniedByRole("list another ConfigMap", Call.get(CONFIG_MAPS + named(UNIQUE)));
        deniedByRole(
                "replace the authority's certificate",
                Call.merge(CONFIG_MAPS + "/trusted-launch-ca", "{\"data\": {\"ca.crt\": \"x\"}}"));
        deniedByRole("record an event", Call.create(EVENTS, event()));
        deniedByRole(
                "get the operator's token",
                Call.create(
                        "/api/v1" + OURS + "/serviceaccounts/trusted-launch-operator/token",
                        "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {audiences: []}}"));
        deniedByRole("read a Node", Call.get("/api/v1/nodes/" + OTHER));
        deniedByRole(
                "label a Node", Call.merge("/api/v1/nodes/" + OTHER, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
        deniedByRole(
                "approve its own Node",
                Call.merge(
                        "/api/v1/nodes/" + OWN,
                        "{\"metadata\": {\"labels\": {\"" + Enrolment.LABEL + "\": \"approved\"}}}"));
        deniedByRole("create a pod", Call.create("/api/v1" + OURS + "/pods", """
                {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a}]}}
                """));
        deniedByRole(
                "delete the policy that restricts it",
                Call.delete("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
                        + "/trusted-launch-agent-writes"));
    }

    @TestFactory
    Stream<DynamicTest> theAgentCanDoWhatItNeedsAndNothingElse() {
        return tests(table.stream(), agent, attempt -> attempt.verdict() == ALLOWED);
    }

    @TestFactory
    Stream<DynamicTest> theSameRolesWithoutThePoliciesAllowWhatPoliciesDeny() {
        return tests(table.stream(), sameRolesOnly, attempt -> attempt.verdict() != DENIED_BY_ROLE);
    }

    @TestFactory
    Stream<DynamicTest> anAdministratorCanDoEverything() {
        return tests(table.stream(), CLUSTER.admin(), attempt -> true);
    }

    /** Leaves out reads, which do not pass admission, and writes to policies, to which policies do not apply. */
    @TestFactory
    Stream<DynamicTest> thePoliciesApplyToAnAgentWithAnyRoles() {
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
    Stream<DynamicTest> aTokenWithoutANodeCanWriteNothing() {
        return tests(
                table.stream(),
                unbound,
                attempt -> attempt.verdict() == ALLOWED && !attempt.call().writes());
    }

    @Test
    void aNewNodeRenewsItsLeaseAndReportsOnceItIsRegistered() {
        String name = UNIQUE + "-newcomer";
        KubernetesClient newcomer = CLUSTER.agentOf(CLUSTER.node(name));
        CLUSTER.create(parse(clusterNode(name, "spec: {maintenance: Cordon}"), ClusterNode.class));
        assertThat(Call.merge(CLUSTER_NODES + "/" + name + "/status", status("networks", "[\"net\"]"))
                        .by(newcomer)
                        .message())
                .isEmpty();
        CLUSTER.removeAfterClass(newcomer.resource(new LeaseBuilder()
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

    /** The operator trusts the node name that the API server adds, not the one in the request. */
    @Test
    void aRequestInTheNameOfAnotherNodeCarriesTheRequestersName() {
        String forged = "{authentication.kubernetes.io/node-name: [" + OTHER + "]}";
        CertificateSigningRequest created = agent.resource(parse(
                        request("trusted-launch-agent-" + OWN + "-8", "trustedlaunch.io/node-agent", forged),
                        CertificateSigningRequest.class))
                .create();
        CLUSTER.removeAfterClass(created);
        assertThat(created.getSpec().getUsername())
                .isEqualTo("system:serviceaccount:" + Cluster.NAMESPACE + ":" + Cluster.AGENT);
        assertThat(created.getSpec().getExtra()).containsEntry("authentication.kubernetes.io/node-name", List.of(OWN));
    }

    private static void allowed(String what, Call call) {
        table.add(new Attempt(ALLOWED, what, call.dryRun()));
    }

    private static void deniedByRole(String what, Call call) {
        table.add(new Attempt(DENIED_BY_ROLE, what, call.dryRun()));
    }

    private static void deniedByPolicy(String what, Call call) {
        table.add(new Attempt(DENIED_BY_POLICY, what, call.dryRun()));
    }

    private static Stream<DynamicTest> tests(
            Stream<Attempt> attempts, KubernetesClient client, Predicate<Attempt> allowed) {
        // In parallel, since an allowed watch takes a second.
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

    private static void check(Attempt attempt, Response response, boolean allowed) {
        if (allowed) {
            assertThat(response.message()).as("%s", attempt).isEmpty();
        } else {
            assertThat(response.code())
                    .as("%s: %s", attempt, response.message())
                    .isEqualTo(403);
        }
    }

    /** With the verb that takes it out of the policy on writers, which knows agents by their name. */
    private static KubernetesClient accountWithTheAgentsRoles(Node node) {
        CLUSTER.create(new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(UNIQUE)
                .endMetadata()
                .withRules(new PolicyRuleBuilder()
                        .withApiGroups("trustedlaunch.io")
                        .withResources("*")
                        .withVerbs("override")
                        .build())
                .build());
        CLUSTER.create(new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(UNIQUE + "-override")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", UNIQUE)
                .addNewSubject(null, "ServiceAccount", Cluster.AGENT, tenant)
                .build());
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

    private static void createObjects() {
        CLUSTER.create(Serialization.unmarshal(console(UNIQUE), VMConsole.class));
        CLUSTER.create(Serialization.unmarshal(download(UNIQUE), VMBackupDownload.class));
        CLUSTER.create(parse("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: StorageLocation
                metadata: {name: %1$s}
                spec: {path: /var/lib/%1$s}
                """.formatted(UNIQUE), StorageLocation.class));
        CLUSTER.create(parse("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: BackupLocation
                metadata: {name: %1$s}
                spec: {folder: {path: /var/lib/%1$s}}
                """.formatted(UNIQUE), BackupLocation.class));
        CLUSTER.create(parse("""
                apiVersion: trustedlaunch.io/v1alpha1
                kind: ImageEligibilityPolicy
                metadata: {name: %s}
                spec: {rules: []}
                """.formatted(UNIQUE), ImageEligibilityPolicy.class));
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
        // They exist already if the operator ever ran here.
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
            boot(node);
            CLUSTER.create(parse(nodeFence(node, node), NodeFence.class));
            CLUSTER.create(parse(incarnation(node, node, "Preparing"), VMIncarnation.class));
            CLUSTER.create(parse(imageCopy(node, imageCopySpec(node)), ImageCopy.class));
            CLUSTER.create(parse(backupRun(node, backupRunSpec(node)), BackupRun.class));
            CLUSTER.create(parse(storedBackupRun(node, storedBackupRunSpec(node)), StoredBackupRun.class));
            CLUSTER.create(parse(restoreRun(node, restoreRunSpec(node)), RestoreRun.class));
            CLUSTER.create(parse(diskFill(node, diskFillSpec(node)), DiskFill.class));
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

    private static void boot(String node) {
        CLUSTER.admin()
                .resources(ClusterNode.class)
                .withName(node)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"observedGeneration": 1, "answer": {"leader": "a leader", "bootID": "%s"}}}
                        """.formatted(BOOT));
    }

    /** One that the administrator may make. */
    private static String statement() {
        return "{\"spec\": {\"fencing\": {\"statement\": {\"bootID\": \"" + BOOT + "\", \"confirmedBy\": \""
                + CLUSTER.adminName() + "\"}}}}";
    }

    private static String nodeFence(String name, String node) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: NodeFence
                metadata: {name: %s}
                spec: {nodeName: %s, bootID: %s, method: Statement}
                """.formatted(name, node, BOOT);
    }

    private static <T extends HasMetadata> T parse(String yaml, Class<T> type) {
        return CLUSTER.admin().getKubernetesSerialization().unmarshal(yaml, type);
    }

    private static String status(String field, String json) {
        return "{\"status\": {\"%s\": %s}}".formatted(field, json);
    }

    private static String condition(String type) {
        return status(
                "conditions",
                "[{\"type\": \"" + type + "\", \"status\": \"True\", \"reason\": \"Mine\", \"message\": \"\","
                        + " \"lastTransitionTime\": \"2026-01-01T00:00:00Z\"}]");
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

    private static String backupRun(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: BackupRun
                metadata: {name: %s, namespace: %s}
                %s
                """.formatted(name, Cluster.NAMESPACE, rest);
    }

    private static String backupRunSpec(String node) {
        return """
                spec:
                  nodeName: %s
                  vmRef: {namespace: none, name: none, uid: 00000000-0000-4000-8000-000000000000}
                  backupRef: {name: none, uid: 00000000-0000-4000-8000-000000000000}
                  epoch: 1
                  location: {name: none, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /none}
                  mode: Auto
                """.formatted(node);
    }

    private static String storedBackupRun(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: StoredBackupRun
                metadata: {name: %s, namespace: %s}
                %s
                """.formatted(name, Cluster.NAMESPACE, rest);
    }

    private static String storedBackupRunSpec(String node) {
        return """
                spec:
                  action: Remove
                  nodeName: %s
                  vmRef: {namespace: none, name: none, uid: 00000000-0000-4000-8000-000000000000}
                  backupRef: {name: none, uid: 00000000-0000-4000-8000-000000000000}
                  backupUID: 00000000-0000-4000-8000-000000000000
                  location: {name: none, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /none}
                """.formatted(node);
    }

    private static String restoreRun(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: RestoreRun
                metadata: {name: %s, namespace: %s}
                %s
                """.formatted(name, Cluster.NAMESPACE, rest);
    }

    private static String restoreRunSpec(String node) {
        return """
                spec:
                  nodeName: %s
                  vmRef: {namespace: none, name: none, uid: 00000000-0000-4000-8000-000000000000}
                  epoch: 1
                  storageLocation: {name: none, path: /none}
                  backup: {name: none, uid: 00000000-0000-4000-8000-000000000000, indexSHA256: "%s"}
                  location: {name: none, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /none}
                  guestState: {epoch: 1, generation: 1}
                  envelope: bm9uZQ==
                """.formatted(node, "0".repeat(64));
    }

    private static String diskFill(String name, String rest) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: DiskFill
                metadata: {name: %s, namespace: %s}
                %s
                """.formatted(name, Cluster.NAMESPACE, rest);
    }

    private static String diskFillSpec(String node) {
        return """
                spec:
                  nodeName: %s
                  vmRef: {namespace: none, name: none, uid: 00000000-0000-4000-8000-000000000000}
                  storageLocation: {name: none, path: /none}
                  backup: {name: none, uid: 00000000-0000-4000-8000-000000000000, indexSHA256: "%s"}
                  backupOf: 00000000-0000-4000-8000-000000000000
                  location: {name: none, id: 5b0c1d3e-7a42-4c8e-9f16-2d8a3b4c5d6e, folder: /none}
                  envelope: bm9uZQ==
                """.formatted(node, "0".repeat(64));
    }

    private static String console(String name) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMConsole
                metadata: {name: %s, namespace: %s}
                spec: {vmRef: {name: none}, clientKeySHA256: "%s", requestedBy: "%s"}
                """.formatted(name, tenant, "0".repeat(64), CLUSTER.adminName());
    }

    private static String download(String name) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMBackupDownload
                metadata: {name: %s, namespace: %s}
                spec: {backupRef: {name: none}, disk: root, clientKeySHA256: "%s", requestedBy: "%s"}
                """.formatted(name, tenant, "0".repeat(64), CLUSTER.adminName());
    }

    private static String incarnation(String name, String node, String phase) {
        return """
                apiVersion: trustedlaunch.io/v1alpha1
                kind: VMIncarnation
                metadata: {name: %s-1, namespace: %s}
                spec:
                  vmRef: {namespace: none, name: none, uid: none}
                  cluster: none
                  epoch: 1
                  nodeName: %s
                  desiredState: Stopped
                  machine:
                    osType: Linux
                    location: {name: default}
                    image: {name: none}
                    memory: 1Gi
                    osDiskSize: 1Gi
                status: {phase: %s}
                """.formatted(name, Cluster.NAMESPACE, node, phase);
    }

    /** As a watch of one object asks. */
    private static String named(String name) {
        return "?fieldSelector=metadata.name=" + name;
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

    private static String managed(String object, String apiVersion) {
        return new Manifest(object).with("{" + managedFields(apiVersion) + "}").yaml();
    }

    /** Which no process keeps, and each has to read. */
    private static String managedFields(String apiVersion) {
        return """
                "metadata": {"managedFields": [{"manager": "m", "operation": "Update", "apiVersion": "%s",
                "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": {%s}}]}
                """.formatted(
                apiVersion,
                IntStream.range(0, 4_000).mapToObj("\"f:%08d\": {}"::formatted).collect(Collectors.joining(","))).strip();
    }

    private static String renewal() {
        return "{\"spec\": {\"renewTime\": \"2026-01-01T00:00:00.000000Z\"}}";
    }

    /** With a name that the agent of its own node may use. */
    private static String request(String signer, String extra) {
        return request(signer.replaceFirst(".*/(node-)?", "trusted-launch-") + "-" + OWN + "-7", signer, extra);
    }

    private static String request(String name, String signer, String extra) {
        return """
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: %s}
                spec:
                  signerName: %s
                  usages: [client auth]
                  extra: %s
                  request: %s
                """.formatted(name, signer, extra, requestOfAnotherNode());
    }

    /** A request with another node's subject and names; its key was discarded. */
    private static String requestOfAnotherNode() {
        try (InputStream pem = AgentAccessIT.class.getResourceAsStream("another-node.csr")) {
            return Base64.getEncoder().encodeToString(pem.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Valid: what stands before the block in PEM counts for nothing. */
    private static String largeRequestOfAnotherNode() {
        byte[] pem = Base64.getDecoder().decode(requestOfAnotherNode());
        byte[] large = Arrays.copyOf("\n".repeat(5000).getBytes(US_ASCII), 5000 + pem.length);
        System.arraycopy(pem, 0, large, 5000, pem.length);
        return Base64.getEncoder().encodeToString(large);
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
