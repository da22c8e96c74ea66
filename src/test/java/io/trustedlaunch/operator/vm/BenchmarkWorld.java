package io.trustedlaunch.operator.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capacity;
import io.trustedlaunch.api.node.ClusterNodeStatus.Domain;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.custody.AssignmentKey;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.CertificateRequest;
import io.trustedlaunch.custody.Certificates;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.custody.NodeKeyPair;
import io.trustedlaunch.custody.NodeSubject;
import io.trustedlaunch.testkit.GuestImages;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/** A large cluster, as an operator's watches know it: every node shares one location, every VM runs. */
final class BenchmarkWorld implements VmCaches {
    static final String LEADER = "leader";

    /** As in {@link Leaderships#assignments}. */
    private static final AssignmentKey OPERATOR = AssignmentKey.derivedFrom(new byte[] {1});

    private static final int CORES = 64;
    private static final int VMS_OF_A_GROUP = 10;

    private final Map<String, ClusterNode> nodes = new LinkedHashMap<>();
    private final Map<String, Node> kubernetesNodes = new HashMap<>();
    private final Allocations allocations = new Allocations();
    private final Map<String, List<VMIncarnation>> incarnationsByVm = new HashMap<>();
    private final Map<String, List<TrustedLaunchVM>> vmsByNamespace = new LinkedHashMap<>();
    private final Map<String, List<TrustedLaunchVM>> apartByNamespace = new HashMap<>();
    private final StorageLocation location = Nodes.storageLocation();
    private final GuestImage image = GuestImages.image();
    private final ImageEligibilityPolicy policy = GuestImages.policy();
    private final int cores;

    /**
     * @param vms spread evenly, and over so many namespaces
     * @param keepApart each VM keeps apart from nine others of its namespace
     */
    BenchmarkWorld(int nodeCount, int vms, int namespaces, boolean keepApart) {
        cores = Math.max(CORES, 8 * vms / nodeCount);
        Map<String, List<Domain>> domains = new HashMap<>();
        for (int i = 0; i < vms; i++) {
            TrustedLaunchVM vm = runningVm(i, "ns-" + i % namespaces, nodeName(i % nodeCount), keepApart);
            domains.computeIfAbsent(nodeName(i % nodeCount), unseen -> new ArrayList<>())
                    .add(new Domain(
                            vm.identity(),
                            1,
                            OPERATOR.prove(vm.identity(), 1, nodeName(i % nodeCount), Optional.empty()),
                            null));
        }
        IntStream.range(0, nodeCount).forEach(i -> addNode(i, domains.getOrDefault(nodeName(i), List.of())));
        location.setStatus(Nodes.sharedBy(List.copyOf(nodes.keySet())));
    }

    static String nodeName(int i) {
        return "host-%04d".formatted(i);
    }

    void certify(NodeCertificateAuthority authority, Instant now) {
        SecureRandom random = new SecureRandom();
        nodes.forEach((name, node) -> node.setStatus(status(
                node.getStatus().answer().domains(),
                Certificates.toPem(authority.issue(
                        CertificateRequest.parse(NodeKeyPair.generate(random).certificateRequest(random)),
                        new NodeSubject(name),
                        CertificatePurpose.SEALING,
                        now,
                        Duration.ofDays(30),
                        random)))));
    }

    List<TrustedLaunchVM> running() {
        return vmsByNamespace.values().stream().flatMap(List::stream).toList();
    }

    /** One that was just applied, in the first namespace. */
    TrustedLaunchVM applied(int i, boolean keepApart) {
        return vm("new-" + i, "ns-0", Map.of("group", "new-" + i / VMS_OF_A_GROUP), keepApart);
    }

    private void addNode(int i, List<Domain> domains) {
        nodes.put(
                nodeName(i),
                Nodes.clusterNode(Nodes.info(nodeName(i))
                        .spec(new ClusterNodeSpec(Nodes.ADDRESS, Maintenance.None, null, null))
                        .status(status(domains, "not issued yet"))
                        .build()));
        kubernetesNodes.put(
                nodeName(i),
                new NodeBuilder()
                        .withNewMetadata()
                        .withName(nodeName(i))
                        .withLabels(Map.of("topology.kubernetes.io/zone", "zone-" + i % 3, "disk", "ssd"))
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build());
    }

    private ClusterNodeStatus status(List<Domain> domains, String certificate) {
        return Nodes.status()
                .capacity(new Capacity(cores, new Quantity(8 * cores + "Gi")))
                .networks(List.of("default", "vlan-42"))
                .storageLocations(List.of(Nodes.location("csv-01").build(), Nodes.READY_LOCATION))
                .sealingCertificate(certificate)
                .answer(Nodes.answerTo(LEADER, domains.toArray(Domain[]::new)))
                .build();
    }

    private TrustedLaunchVM runningVm(int i, String namespace, String node, boolean keepApart) {
        Map<String, String> group = Map.of("group", "g-" + i / VMS_OF_A_GROUP);
        TrustedLaunchVM vm = vm("vm-" + i, namespace, group, keepApart);
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(TrustedLaunchVMStatus.Phase.Running)
                .nodeName(node)
                .epoch(1L)
                .image(new RecordedImage("ws2022", GuestImages.DIGEST, Provenance.None))
                .vTPM(new TrustedLaunchVMStatus.VTpm(Vms.EK, "issued"))
                .build());
        VMIncarnation incarnation = Incarnations.incarnation(
                Incarnations.spec(1)
                        .vmRef(new VmRef(
                                namespace,
                                vm.getMetadata().getName(),
                                vm.identity(),
                                vm.getMetadata().getUid()))
                        .nodeName(node)
                        .machine(Incarnations.machine()
                                .cores(4)
                                .memory(new Quantity("8Gi"))
                                .osDiskSize(new Quantity("10Gi"))
                                .dataDisks(List.of())
                                .nics(List.of())
                                .build())
                        .envelope("c2VhbGVk")
                        .build(),
                Incarnations.reported(Phase.Running).build());
        allocations.seen(incarnation);
        incarnationsByVm.put(vm.identity(), List.of(incarnation));
        vmsByNamespace.computeIfAbsent(namespace, unseen -> new ArrayList<>()).add(vm);
        if (keepApart) {
            apartByNamespace
                    .computeIfAbsent(namespace, unseen -> new ArrayList<>())
                    .add(vm);
        }
        return vm;
    }

    private static TrustedLaunchVM vm(String name, String namespace, Map<String, String> labels, boolean keepApart) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withUid(UUID.nameUUIDFromBytes((namespace + name).getBytes(UTF_8))
                        .toString())
                .withGeneration(1L)
                .withFinalizers(Api.FINALIZER)
                .withLabels(labels)
                .withResourceVersion("1")
                .build());
        vm.setSpec(Vms.spec()
                .cores(4)
                .memory(new Quantity("8Gi"))
                .nodeSelector(Map.of("disk", "ssd"))
                .terminationGracePeriodSeconds(120)
                .affinity(keepApart ? Vms.apartFrom(labels) : null)
                .build());
        return vm;
    }

    private static Secret keyOf(String vmUid) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(Incarnations.NAMESPACE)
                .withName(vmUid)
                .endMetadata()
                .withType(ProtectionKeySecret.TYPE)
                .withData(Map.of(
                        ProtectionKeySecret.DATA_KEY,
                        Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(UTF_8))))
                .build();
    }

    @Override
    public List<ImageCatalog> catalogs() {
        return List.of();
    }

    @Override
    public List<Secret> cachedCatalogs() {
        return List.of();
    }

    @Override
    public List<VMIncarnation> incarnationsOf(TrustedLaunchVM vm) {
        return incarnationsByVm.getOrDefault(vm.identity(), List.of());
    }

    @Override
    public Allocations allocations() {
        return allocations;
    }

    @Override
    public List<TrustedLaunchVM> allVms() {
        return running();
    }

    @Override
    public List<TrustedLaunchVM> vmsIn(String namespace) {
        return List.copyOf(vmsByNamespace.getOrDefault(namespace, List.of()));
    }

    @Override
    public List<TrustedLaunchVM> vmsWithAntiAffinityIn(String namespace) {
        return List.copyOf(apartByNamespace.getOrDefault(namespace, List.of()));
    }

    @Override
    public List<VMMigration> migrationsOf(TrustedLaunchVM vm) {
        return List.of();
    }

    @Override
    public Optional<RestoreRun> restoreRun(String uid) {
        return Optional.empty();
    }

    @Override
    public Optional<DiskFill> diskFill(String uid) {
        return Optional.empty();
    }

    @Override
    public List<GuestImage> images() {
        return List.of(image);
    }

    @Override
    public List<ImageCopy> imageCopies(String imageUid) {
        return List.of();
    }

    @Override
    public List<ImageEligibilityPolicy> policies() {
        return List.of(policy);
    }

    @Override
    public List<ClusterNode> clusterNodes() {
        return List.copyOf(nodes.values());
    }

    @Override
    public List<ClusterNode> nodesReporting(String identity) {
        return incarnationsByVm.getOrDefault(identity, List.of()).stream()
                .map(incarnation -> nodes.get(incarnation.getSpec().nodeName()))
                .toList();
    }

    @Override
    public void wake(TrustedLaunchVM vm) {}

    @Override
    public List<FenceDevice> fenceDevices() {
        return List.of();
    }

    @Override
    public List<PriorityClass> priorityClasses() {
        return List.of();
    }

    @Override
    public List<VMQuota> quotasIn(String namespace) {
        return List.of();
    }

    @Override
    public List<Secret> retainedIn(String namespace) {
        return List.of();
    }

    @Override
    public List<VMIncarnation> erasingIn(String namespace) {
        return List.of();
    }

    @Override
    public Optional<Node> kubernetesNode(String name) {
        return Optional.ofNullable(kubernetesNodes.get(name));
    }

    @Override
    public List<VMNetwork> networks() {
        return List.of(Networks.network("default"));
    }

    @Override
    public List<TrustedLaunchVM> vmsWithMac(String network, String mac) {
        return List.of();
    }

    @Override
    public List<VMIncarnation> incarnationsWithMac(String network, String mac) {
        return List.of();
    }

    @Override
    public List<StorageLocation> locations() {
        return List.of(location);
    }

    @Override
    public Optional<Secret> key(String vmUid) {
        return Optional.of(keyOf(vmUid));
    }

    @Override
    public void created(HasMetadata resource) {
        throw new UnsupportedOperationException("nothing is carried out");
    }

    @Override
    public void updated(HasMetadata resource, HasMetadata before) {
        throw new UnsupportedOperationException("nothing is carried out");
    }
}
