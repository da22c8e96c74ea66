package io.trustedlaunch.operator.vm.plan;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Affinity;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ApprovedGuestState;
import io.trustedlaunch.api.ClusterNodeSpec;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.ClusterNodeStatusLocationBuilder;
import io.trustedlaunch.api.DeletionPolicy;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.LabelSelector;
import io.trustedlaunch.api.NetworkInterface;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsDisk;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RestoreFrom;
import io.trustedlaunch.api.RetainedVMRecord;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.api.VMAffinity;
import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.VMIncarnationStatusDepartureBuilder;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMMigrationSpec;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.eligibility.EligibilityVerdict;
import io.trustedlaunch.operator.vm.facts.ImageFacts;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.Sighting;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmFactsBuilder;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.PlacedVm;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.placement.SharedLocations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The facts of a VM, told as a story: each method changes one of them. */
public final class VmScene {
    public static final String UID = "5e8f51bc-0031-4c5f-9f5a-6f8e1f0b7c11";
    /** Of a VM that takes over the one above. */
    public static final String OWN_UID = "c0ffee00-0031-4c5f-9f5a-6f8e1f0b7c11";

    public static final String EK = "ab".repeat(32);
    static final String OTHER_EK = "cd".repeat(32);
    public static final String IMAGE_UID = "0d1b5a57-8f1c-4d0e-b3f5-6a1f0f6f2c11";
    public static final String DIGEST = "0".repeat(64);
    public static final int MIGRATION_PORT = 16_515;
    public static final String OPERATORS = "trusted-launch-system";

    private RunStrategy strategy = RunStrategy.Always;
    private String osDisk = "10Gi";
    private ApprovedGuestState approval;
    private boolean finalizer;
    private boolean deleting;
    private TrustedLaunchVMStatus status;
    private Optional<GuestImageSpec> image = Optional.of(imageSpec(DIGEST));
    private EligibilityVerdict verdict = new EligibilityVerdict.Allowed("lab/proof", Provenance.None);
    private boolean everyStart;
    private Map<String, String> locations = Map.of("default", "/var/lib/vms");
    private KeyFacts key = new KeyFacts.Absent();
    private final List<Incarnation> incarnations = new ArrayList<>();
    private final List<NodeInfo> nodes = new ArrayList<>();
    private List<String> unanswered = List.of();
    private Sighting sighting;
    private boolean terminating;
    private UserDataFacts userData = new UserDataFacts.Files(Map.of());
    private Duration hold;
    private final List<VMMigration> moves = new ArrayList<>();
    private DeletionPolicy policy;
    private RestoreFrom restoreFrom;
    private boolean formerOwner;
    private String restartedAt;
    private Affinity affinity;
    private Map<String, String> labels = Map.of();
    private final List<PlacedVm> neighbours = new ArrayList<>();

    /** A VM that was just applied, in a cluster of two nodes. */
    public static VmScene applied() {
        VmScene scene = new VmScene();
        scene.nodes.add(node("host-a", true, false));
        scene.nodes.add(node("host-b", true, false));
        return scene;
    }

    /** It has its finalizer and its key, and an epoch on host-a. */
    public static VmScene reserved(long epoch) {
        return applied().withFinalizer().withKey().onRecord("host-a", epoch, null);
    }

    /** Its first life runs, and its EK is on record. */
    public static VmScene running() {
        return reserved(1)
                .incarnation(1, DesiredState.Running, Phase.Running, EK, null)
                .onRecord("host-a", 1, EK);
    }

    public VmScene strategy(RunStrategy changed) {
        strategy = changed;
        return this;
    }

    public VmScene restartedAt(String changed) {
        restartedAt = changed;
        return this;
    }

    public VmScene approves(long epoch, long generation) {
        approval = new ApprovedGuestState(epoch, generation, "ada");
        return this;
    }

    public VmScene osDisk(String changed) {
        osDisk = changed;
        return this;
    }

    public VmScene withFinalizer() {
        finalizer = true;
        return this;
    }

    public VmScene withoutFinalizer() {
        finalizer = false;
        return this;
    }

    public VmScene deleted() {
        deleting = true;
        return this;
    }

    public VmScene withKey() {
        return key(new KeyFacts.Held(secret(), key(), false));
    }

    public VmScene key(KeyFacts changed) {
        key = changed;
        return this;
    }

    public VmScene onRecord(String node, long epoch, String ek) {
        status = TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(1L)
                .nodeName(node)
                .epoch(epoch)
                .image(new TrustedLaunchVMStatus.Image("ws2022", DIGEST, Provenance.None))
                .vTPM(ek == null ? null : new TrustedLaunchVMStatus.VTpm(ek, null))
                .build();
        return this;
    }

    /** On record, beside what was recorded last. */
    public VmScene floor(long epoch, long generation) {
        status = TrustedLaunchVMStatusBuilder.builder(status)
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .floor(new GuestStateVersion(epoch, generation))
                        .build())
                .observedRestart(null)
                .build();
        return this;
    }

    public VmScene status(TrustedLaunchVMStatus changed) {
        status = changed;
        return this;
    }

    public VmScene refused(Reason reason) {
        verdict = new EligibilityVerdict.Refused(reason, "refused");
        return this;
    }

    public VmScene askedAtEveryStart() {
        everyStart = true;
        return this;
    }

    public VmScene imageGone() {
        image = Optional.empty();
        verdict = new EligibilityVerdict.Refused(Reason.ImageNotFound, "gone");
        return this;
    }

    public VmScene imageDigest(String digest) {
        image = Optional.of(imageSpec(digest));
        return this;
    }

    public VmScene noLocations() {
        locations = Map.of();
        return this;
    }

    public VmScene noNodes() {
        nodes.clear();
        return this;
    }

    public VmScene silent(String name) {
        return replace(
                name,
                sharing(
                        node(name, false, false),
                        facts().node(name).orElseThrow().shared()));
    }

    public VmScene fenced(String name) {
        return replace(
                name,
                sharing(node(name, true, true), facts().node(name).orElseThrow().shared()));
    }

    public VmScene cordoned(String name) {
        return maintained(name, ClusterNodeSpec.Maintenance.Cordon);
    }

    public VmScene maintained(String name, ClusterNodeSpec.Maintenance maintenance) {
        NodeInfo node = facts().node(name).orElseThrow();
        return replace(
                name,
                NodeInfoBuilder.builder(node)
                        .name(name)
                        .spec(new ClusterNodeSpec(
                                node.spec().address(), maintenance, node.spec().memoryForVMs()))
                        .build());
    }

    /** All nodes of the scene were proved to have the same folder in the VM's location. */
    public VmScene sharedLocation() {
        Set<String> all = nodes.stream().map(NodeInfo::name).collect(Collectors.toSet());
        SharedLocations shared = new SharedLocations(Map.of("default", List.of(all)));
        nodes.replaceAll(node -> sharing(node, shared));
        return this;
    }

    private static NodeInfo sharing(NodeInfo node, SharedLocations shared) {
        return NodeInfoBuilder.builder(node).shared(shared).build();
    }

    /** Another VM of the namespace, with the label {@code app: db}, on a node; it keeps apart from its like. */
    public VmScene otherDatabase(String name, String node) {
        neighbours.add(new PlacedVm(name, Map.of("app", "db"), apartFromDatabases(), Set.of(node)));
        return this;
    }

    /** It is a database itself, and is to be apart from others. */
    public VmScene database() {
        labels = Map.of("app", "db");
        affinity = new Affinity(null, null, new VMAffinity(apartFromDatabases(), null));
        return this;
    }

    private static List<VMAffinityTerm> apartFromDatabases() {
        return List.of(new VMAffinityTerm(new LabelSelector(Map.of("app", "db"), null), "kubernetes.io/hostname"));
    }

    public VmScene gone(String name) {
        nodes.removeIf(node -> node.name().equals(name));
        return this;
    }

    private VmScene replace(String name, NodeInfo changed) {
        nodes.replaceAll(node -> node.name().equals(name) ? changed : node);
        return this;
    }

    public VmScene unanswered(String... names) {
        unanswered = Arrays.asList(names);
        return this;
    }

    public VmScene seen(String node, long epoch) {
        sighting = new Sighting(node, epoch);
        return this;
    }

    public VmScene namespaceTerminating() {
        terminating = true;
        return this;
    }

    public VmScene userData(UserDataFacts changed) {
        userData = changed;
        return this;
    }

    public VmScene retained() {
        policy = DeletionPolicy.Retain;
        return this;
    }

    /** Another VM object, that is to have what {@link #UID} names. */
    public VmScene restoring() {
        restoreFrom = new RestoreFrom(new RestoreFrom.RetainedVM(UID));
        return this;
    }

    public VmScene formerOwnerPresent() {
        formerOwner = true;
        return this;
    }

    /** The key says that the VM was kept, and who took it over; null: nobody has. */
    public VmScene kept(RetainedVMRecord record, String holder) {
        Secret secret = secret();
        Map<String, String> annotations = new HashMap<>(Map.of(Api.RETAINED_VM, record.toJson()));
        if (holder != null) {
            annotations.put(Api.TAKEN_OVER_BY, holder);
        }
        secret.getMetadata().setAnnotations(annotations);
        return key(new KeyFacts.Held(secret, key(), false));
    }

    public VmScene hold(Duration changed) {
        hold = changed;
        return this;
    }

    public VmScene incarnation(long epoch, DesiredState desired, Phase phase, String ek, Exit exit) {
        return incarnation(
                "host-a",
                epoch,
                desired,
                VMIncarnationStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(phase)
                        .ekDigest(ek)
                        .exit(exit)
                        .build());
    }

    public VmScene incarnation(long epoch, DesiredState desired, VMIncarnationStatus told) {
        return incarnation("host-a", epoch, desired, told);
    }

    public VmScene incarnation(String node, long epoch, DesiredState desired, VMIncarnationStatus told) {
        VmFacts facts = facts();
        IncarnationBuilder blueprint = new IncarnationBuilder(facts, OPERATORS);
        VMIncarnation resource = new VMIncarnation();
        resource.setMetadata(new ObjectMetaBuilder()
                .withNamespace(OPERATORS)
                .withName(VMIncarnation.nameOf(UID, epoch))
                .withUid("uid-of-life-" + epoch)
                .withGeneration(1L)
                .withResourceVersion("100")
                .build());
        resource.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VMIncarnationSpec.VmRef("finance", "payroll", UID, null))
                .epoch(epoch)
                .nodeName(node)
                .desiredState(desired)
                .machine(blueprint.machine(new IncarnationBuilder(applied().facts(), OPERATORS)
                        .imageOnOffer()
                        .orElseThrow()))
                .firstStart(epoch == 1)
                .build());
        resource.setStatus(told);
        incarnations.removeIf(incarnation -> incarnation.epoch() == epoch);
        Incarnation incarnation = new Incarnation(resource);
        incarnations.add(incarnation);
        return desired == DesiredState.Erased || incarnation.isOver() ? this : withEnvelope();
    }

    /** A move that somebody wants. */
    public VmScene asked(String name) {
        return askedFor(name, null);
    }

    public VmScene askedFor(String name, String target) {
        VMMigration move = new VMMigration();
        move.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName(name)
                .withUid("uid-of-" + name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build());
        move.setSpec(new VMMigrationSpec(new ObjectRef("payroll"), target));
        moves.add(move);
        return this;
    }

    /** Nobody wants the VM moved any more. */
    public VmScene takenBack() {
        moves.clear();
        return this;
    }

    /** On record, beside what was recorded last. */
    public VmScene migration(Migration migration) {
        status = TrustedLaunchVMStatusBuilder.builder(status)
                .migration(migration)
                .observedRestart(null)
                .build();
        return this;
    }

    /** The first life, on host-a, has claimed its home. */
    public VmScene claimed() {
        return incarnation(1, DesiredState.Running, source(Phase.Running, null, null));
    }

    /** Its agent was told to send the guest to host-b, and says this. */
    public VmScene departs(Course course) {
        return incarnation(
                        1,
                        DesiredState.Running,
                        source(
                                Phase.Running,
                                null,
                                VMIncarnationStatusDepartureBuilder.builder()
                                        .epoch(2L)
                                        .nodeName("host-b")
                                        .course(course)
                                        .message("said so")
                                        .build()))
                .handed(false);
    }

    /** It says that the guest stays for this reason. */
    public VmScene because(Reason reason) {
        return incarnation(
                        1,
                        DesiredState.Running,
                        source(
                                Phase.Running,
                                null,
                                VMIncarnationStatusDepartureBuilder.builder()
                                        .epoch(2L)
                                        .nodeName("host-b")
                                        .course(Course.Stayed)
                                        .reason(reason.name())
                                        .message("said so")
                                        .build()))
                .handed(false);
    }

    /** The first life's guest went to host-b as epoch 2. */
    public VmScene sourceLeft(DesiredState desired, boolean complete) {
        return incarnation(
                        1,
                        desired,
                        VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(Phase.Stopped)
                                .ekDigest(EK)
                                .guestState(new SealedState(
                                        new GuestStateVersion(1L, complete ? 2L : 1L), null, null, complete, null))
                                .exit(Exit.Migrated)
                                .departure(VMIncarnationStatusDepartureBuilder.builder()
                                        .epoch(2L)
                                        .nodeName("host-b")
                                        .course(Course.Left)
                                        .build())
                                .build())
                .withEnvelope();
    }

    private static VMIncarnationStatus source(Phase phase, Exit exit, VMIncarnationStatus.Departure departure) {
        return VMIncarnationStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(phase)
                .ekDigest(EK)
                .guestState(new SealedState(new GuestStateVersion(1L, 1L), null, null, false, null))
                .exit(exit)
                .departure(departure)
                .build();
    }

    /** The first life's agent was told where its guest is to go. */
    public VmScene handed(boolean cancelled) {
        return respec(
                1,
                spec -> with(
                        spec,
                        spec.arrival(),
                        VMIncarnationSpecDepartureBuilder.builder()
                                .epoch(2L)
                                .nodeName("host-b")
                                .address("192.0.2.1")
                                .port(MIGRATION_PORT)
                                .cancelled(cancelled)
                                .copiesDisks(false)
                                .pace(Pace.DEFAULT)
                                .build()));
    }

    /** The life that a guest is to move to, on host-b. */
    public VmScene target(Phase phase) {
        return targetTells(phase, null);
    }

    public VmScene targetTells(Phase phase, Reason reason) {
        String ek = phase == Phase.Running ? EK : null;
        Exit exit = phase == Phase.Stopped ? Exit.NeverRan : null;
        boolean left = incarnations.stream()
                .filter(incarnation -> incarnation.epoch() == 2)
                .anyMatch(incarnation ->
                        incarnation.arrival().filter(Arrival::left).isPresent());
        return incarnation(
                        "host-b",
                        2,
                        DesiredState.Running,
                        VMIncarnationStatusBuilder.builder()
                                .observedGeneration(1L)
                                .phase(phase)
                                .reason(reason == null ? null : reason.name())
                                .message(reason == null ? null : "said so")
                                .ekDigest(ek)
                                .exit(exit)
                                .build())
                .respec(2, spec -> with(spec, new Arrival(1L, "host-a", left, false), null));
    }

    /** Its agent was told that the guest has left. */
    public VmScene arrived() {
        return respec(2, spec -> with(spec, new Arrival(1L, "host-a", true, false), null));
    }

    private VmScene respec(long epoch, UnaryOperator<VMIncarnationSpec> change) {
        VMIncarnation resource = incarnations.stream()
                .filter(incarnation -> incarnation.epoch() == epoch)
                .findFirst()
                .orElseThrow()
                .resource();
        resource.setSpec(change.apply(resource.getSpec()));
        return this;
    }

    private static VMIncarnationSpec with(VMIncarnationSpec spec, Arrival arrival, Departure departure) {
        return VMIncarnationSpecBuilder.builder(spec)
                .arrival(arrival)
                .departure(departure)
                .build();
    }

    /** The life told of last was given an approval. */
    public VmScene given(long epoch, long generation) {
        Incarnation incarnation = incarnations.getLast();
        VMIncarnationSpec spec = incarnation.resource().getSpec();
        incarnation
                .resource()
                .setSpec(VMIncarnationSpecBuilder.builder(spec)
                        .approvedGuestState(new GuestStateVersion(epoch, generation))
                        .arrival(null)
                        .departure(null)
                        .build());
        return this;
    }

    /** Of the life told of last. It is as it should be without saying so. */
    public VmScene withEnvelope() {
        return envelope("c2VhbGVk");
    }

    /** The operator lost it, or has not made it yet, while it had no key to seal. */
    public VmScene withoutEnvelope() {
        return envelope(null);
    }

    private VmScene envelope(String envelope) {
        Incarnation incarnation = incarnations.getLast();
        VMIncarnationSpec spec = incarnation.resource().getSpec();
        incarnation
                .resource()
                .setSpec(VMIncarnationSpecBuilder.builder(spec)
                        .envelope(envelope)
                        .arrival(null)
                        .departure(null)
                        .build());
        return this;
    }

    /** The node's certificate has not been issued, or another stands in its place. */
    public VmScene uncertified(String name) {
        NodeInfo node = facts().node(name).orElseThrow();
        return replace(
                name,
                NodeInfoBuilder.builder(node)
                        .name(name)
                        .certificateFault(Optional.of("no certificate"))
                        .build());
    }

    public VmFacts facts() {
        return VmFactsBuilder.builder()
                .vm(vm())
                .image(new ImageFacts("ws2022", image.map(there -> IMAGE_UID), image, verdict, everyStart))
                .locations(locations)
                .key(key)
                .incarnations(List.copyOf(incarnations))
                .placement(new Placement(List.copyOf(nodes), List.copyOf(neighbours), PlacementPolicy.DEFAULT))
                .inventory(new InventoryFacts(unanswered, Optional.ofNullable(sighting)))
                .namespaceTerminating(terminating)
                .userData(userData)
                .startHold(Optional.ofNullable(hold))
                .moves(List.copyOf(moves))
                .formerOwnerPresent(formerOwner)
                .build();
    }

    public VmStep step() {
        return new VmPlanner(OPERATORS, false, Pace.DEFAULT).plan(facts());
    }

    private TrustedLaunchVM vm() {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace("finance")
                .withName("payroll")
                .withUid(restoreFrom == null ? UID : OWN_UID)
                .withGeneration(1L)
                .withResourceVersion("1")
                .withLabels(labels)
                .withFinalizers(finalizer ? List.of(Api.FINALIZER) : List.of())
                .withAnnotations(restartedAt == null ? null : Map.of(Api.RESTARTED_AT, restartedAt))
                .withDeletionTimestamp(deleting ? "2026-01-01T00:00:00Z" : null)
                .build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(strategy)
                .imageRef(new ObjectRef("ws2022"))
                .cores(2)
                .memory(new Quantity("1Gi"))
                .storageLocationRef(new ObjectRef("default"))
                .osDisk(new OsDisk(new Quantity(osDisk)))
                .networkInterfaces(List.of(new NetworkInterface("nic0", "default", null)))
                .terminationGracePeriodSeconds(60)
                .deletionPolicy(policy)
                .restoreFrom(restoreFrom)
                .approveGuestState(approval)
                .affinity(affinity)
                .build());
        vm.setStatus(status);
        return vm;
    }

    public static ProtectionKey key() {
        byte[] bytes = new byte[ProtectionKey.BYTES];
        Arrays.fill(bytes, (byte) 7);
        return ProtectionKey.of(bytes);
    }

    public static Secret secret() {
        return new SecretBuilder().withNewMetadata().withName(UID).endMetadata().build();
    }

    private static GuestImageSpec imageSpec(String digest) {
        return new GuestImageSpec(
                OsType.Linux,
                new GuestImageSpec.Identifier("publisher", "offer", "sku"),
                "1",
                new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef("default"), "images/a.qcow2"), null, null),
                digest);
    }

    /** It has a certificate, and takes part in moves. */
    public static ClusterNodeStatus reporting(ClusterNodeStatus status, String certificate) {
        return ClusterNodeStatusBuilder.builder(status)
                .sealingCertificate(certificate)
                .inventory(null)
                .conditions(null)
                .address("192.0.2.1")
                .migrationPort(MIGRATION_PORT)
                .consolePort(null)
                .build();
    }

    /** Much of it is free in each location. */
    public static ClusterNodeStatus withRoom(ClusterNodeStatus status) {
        return ClusterNodeStatusBuilder.builder(status)
                .storageLocations(status.storageLocations().stream()
                        .map(there -> ClusterNodeStatusLocationBuilder.builder(there)
                                .freeSpace(new Quantity("100Ti"))
                                .build())
                        .toList())
                .build();
    }

    private static NodeInfo node(String name, boolean alive, boolean fenced) {
        return NodeInfoBuilder.builder()
                .name(name)
                .spec(new ClusterNodeSpec("192.0.2.1", ClusterNodeSpec.Maintenance.None, new Quantity("8Gi")))
                .status(ClusterNodeStatusBuilder.builder()
                        .observedGeneration(1L)
                        .capabilities(new ClusterNodeStatus.Capabilities(true, true, true, false, false))
                        .capacity(new ClusterNodeStatus.Capacity(4, new Quantity("16Gi")))
                        .networks(List.of("default"))
                        .storageLocations(List.of(ClusterNodeStatusLocationBuilder.builder()
                                .name("default")
                                .ready(true)
                                .build()))
                        .sealingCertificate("pem")
                        .address("192.0.2.1")
                        .migrationPort(MIGRATION_PORT)
                        .build())
                .labels(Map.of())
                .taints(List.of())
                .agentAlive(alive)
                .fenced(fenced)
                .unschedulable(false)
                .inUse(Allocated.NONE)
                .shared(SharedLocations.NONE)
                .build();
    }
}
