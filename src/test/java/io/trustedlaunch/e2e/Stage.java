package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.incarnation.VMMigrationSpec;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationSpec;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VmDisk;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.recovery.ClusterBackupKeys;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.Networks;
import io.trustedlaunch.testkit.RunSecrets;
import io.trustedlaunch.testkit.SecretGrant;
import io.trustedlaunch.testkit.ServerCertificate;
import io.trustedlaunch.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A namespace with what a VM needs: a shared storage location, the proof guest's image and a blank one, and a policy that
 * allows both. All names carry a nonce of this run. Closing it deletes everything and waits until the VMs are gone.
 */
final class Stage implements AutoCloseable {
    static final String OPERATOR_NAMESPACE = "trusted-launch-system";
    static final String SHARED_PATH = "/var/lib/trusted-launch-shared";
    /** Part of the installation; each host has its own folder for it. */
    static final String LOCAL_LOCATION = "default";

    /** The proof guest prints it when it has booted and run its commands. */
    private static final Pattern BOOTED = Pattern.compile("PROOF ready=");

    private static final String PUBLISHER = "trustedlaunch";

    /** The most that emulation on a busy machine may need; no test measures with it. */
    static final Duration TIMEOUT = Duration.ofMinutes(6);

    final Lab lab = Lab.fromEnvironment();
    final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(Cluster.administrator()).build();
    final String nonce = UUID.randomUUID().toString().substring(0, 8);
    final String namespace;
    final String location;
    final String image;

    /** An image with nothing on it to boot. */
    final String blank;

    private final Map<String, ConsoleHistory> consoles = new ConcurrentHashMap<>();

    private Stage(String name) {
        namespace = name + "-" + nonce;
        location = "shared-" + nonce;
        image = "proof-" + nonce;
        blank = "blank-" + nonce;
    }

    static Stage open(String name) {
        Stage stage = new Stage(name);
        stage.createFixtures();
        return stage;
    }

    /** Creates everything but VMs, as an administrator does; may be repeated in a cluster that has lost it all. */
    void createFixtures() {
        TestImage signed = TestImage.signed();
        TestImage empty = TestImage.blank();
        create(new NamespaceBuilder().withMetadata(meta(namespace, null)).build());
        create(SecretGrant.of(namespace));
        StorageLocation folder = new StorageLocation();
        folder.setMetadata(meta(location, null));
        folder.setSpec(new StorageLocationSpec(SHARED_PATH, List.of()));
        create(folder);
        Networks.offer(client, "lab");
        create(guestImage(image, "proof", signed.installIn(lab), signed.sha256()));
        create(guestImage(blank, "proof-blank", empty.installIn(lab), empty.sha256()));
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(meta("proof-" + nonce, null));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                ImageEligibilityPolicySpec.WhenSecureBootOff.Report,
                List.of(new ImageEligibilityPolicySpec.Rule(
                        "proof", PUBLISHER, List.of(nonce), List.of("proof*"), List.of("proof-excepted")))));
        create(policy);
    }

    GuestImage guestImage(String name, String sku, String path, String sha256) {
        GuestImage guestImage = new GuestImage();
        guestImage.setMetadata(meta(name, null));
        guestImage.setSpec(GuestImageSpecBuilder.builder()
                .osType(OsType.Linux)
                .identifier(new GuestImageSpec.Identifier(PUBLISHER, nonce, sku))
                .version("1.0.0")
                .source(new GuestImageSpec.Source(
                        new GuestImageSpec.FileSource(new ObjectRef(location), path), null, null))
                .sha256(sha256)
                .build());
        return guestImage;
    }

    /** The blank image, from a source outside the lab's folder. */
    GuestImage imageFrom(GuestImageSpec.Source source) {
        GuestImage remote = guestImage(
                "remote-" + nonce, "proof-remote", "none", TestImage.blank().sha256());
        GuestImageSpec spec = remote.getSpec();
        remote.setSpec(GuestImageSpecBuilder.builder()
                .osType(spec.osType())
                .identifier(spec.identifier())
                .version(spec.version())
                .source(source)
                .sha256(spec.sha256())
                .build());
        return remote;
    }

    /** This machine's address as the lab's hosts reach it. */
    String address() {
        return client.getMasterUrl().getHost();
    }

    /** A certificate for a server at {@link #address()}. */
    ServerCertificate serverCertificate(Path folder)
            throws IOException, InterruptedException, GeneralSecurityException {
        return ServerCertificate.make(folder, 2, "IP:" + address());
    }

    VmBuilder vm(String name) {
        return new VmBuilder(name, namespace, image, location);
    }

    /**
     * A VM without an operating system or a network interface: it takes a third of the processor time of one that boots,
     * and then almost none.
     */
    VmBuilder vmInFirmware(String name) {
        return new VmBuilder(name, namespace, blank, location).withoutNetwork().shortGracePeriod();
    }

    TrustedLaunchVM create(VmBuilder vm) {
        return create(vm.build());
    }

    /** User data with commands that the proof guest runs at every boot. */
    Secret commands(String name, String... commands) {
        return userData(
                name,
                Arrays.stream(commands)
                        .map(command -> "# proof: " + command + "\n")
                        .collect(Collectors.joining("", "#cloud-config\n", "")));
    }

    Secret userData(String name, String text) {
        return create(new SecretBuilder()
                .withMetadata(meta(name, namespace))
                .withStringData(Map.of("user-data", text))
                .build());
    }

    <T extends HasMetadata> T create(T object) {
        return client.resource(object).create();
    }

    TrustedLaunchVM get(String vm) {
        return client.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(vm)
                .get();
    }

    String uid(String vm) {
        return get(vm).getMetadata().getUid();
    }

    /** A JSON merge patch of the spec, as {@code kubectl patch} sends it. */
    void patchSpec(String vm, String spec) {
        client.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(vm)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":" + spec + "}");
    }

    /** Waits until Ready is not True with this reason and a message that contains the text. */
    TrustedLaunchVM awaitNotReady(String vm, Reason reason, String text) {
        return awaitVm(
                vm,
                "not Ready because of " + reason + " with '" + text + "'",
                found -> condition(found, ConditionType.Ready)
                        .filter(ready -> !ready.getStatus().equals("True"))
                        .filter(ready -> ready.getReason().equals(reason.name()))
                        .filter(ready -> ready.getMessage().contains(text))
                        .isPresent());
    }

    /** Asks for a migration of the VM to whichever node fits. */
    VMMigration migrate(String vm, String name) {
        VMMigration migration = new VMMigration();
        migration.setMetadata(meta(name, namespace));
        migration.setSpec(new VMMigrationSpec(new ObjectRef(vm), null));
        return create(migration);
    }

    /** Waits until the guest that runs has these, and nothing waits for a restart. */
    TrustedLaunchVM awaitDataDisks(String name, String... identities) {
        return awaitVm(
                name,
                "disks " + List.of(identities),
                vm -> Stream.ofNullable(vm.getStatus().dataDisks())
                                .flatMap(List::stream)
                                .map(VmDisk::id)
                                .collect(Collectors.toSet())
                                .equals(Set.of(identities))
                        && condition(vm, ConditionType.RestartRequired)
                                .filter(condition -> condition.getReason().equals(Reason.UpToDate.name()))
                                .isPresent());
    }

    /** Waits until the migration has ended, in success or not. */
    VMMigrationStatus awaitEnd(VMMigration migration) {
        return await("migration " + migration.getMetadata().getName() + " to end")
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> client.resource(migration).get().getStatus(),
                        status -> status != null && status.completionTime() != null);
    }

    void setMaintenance(String node, Maintenance maintenance) {
        client.resources(ClusterNode.class)
                .withName(node)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"maintenance\": \"" + maintenance + "\"}}");
    }

    Optional<Condition> nodeCondition(String node, ConditionType type) {
        return Conditions.find(
                client.resources(ClusterNode.class)
                        .withName(node)
                        .get()
                        .getStatus()
                        .conditions(),
                type);
    }

    boolean isDrained(String node) {
        return nodeCondition(node, ConditionType.Drained)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    void setRunStrategy(String vm, RunStrategy strategy) {
        patchSpec(vm, "{\"runStrategy\":\"" + strategy + "\"}");
    }

    void delete(String vm) {
        client.resources(TrustedLaunchVM.class)
                .inNamespace(namespace)
                .withName(vm)
                .delete();
    }

    /** Waits until the VM satisfies the predicate; a failure shows the VM. */
    TrustedLaunchVM awaitVm(String vm, String what, Predicate<TrustedLaunchVM> predicate) {
        try {
            return await(what)
                    .atMost(TIMEOUT)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> get(vm), found -> found != null && predicate.test(found));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "VM " + vm + " is not " + what + "; it is "
                            + client.getKubernetesSerialization().asYaml(get(vm)) + incarnationsOf(vm),
                    e);
        }
    }

    private String incarnationsOf(String vm) {
        TrustedLaunchVM found = get(vm);
        return found == null
                ? ""
                : client.getKubernetesSerialization()
                        .asYaml(incarnations(found.identity()).stream()
                                .map(VMIncarnation::getStatus)
                                .toList());
    }

    /** Remembers the VM's key and the cluster's backup key, too: {@link WholeRunSecrets} needs at least one from each class. */
    TrustedLaunchVM awaitRunning(String vm) {
        TrustedLaunchVM running = awaitVm(vm, "Ready and Running", Stage::isRunning);
        String uid = running.identity();
        RunSecrets.remember(uid, protectionKey(uid));
        keySecret(ClusterBackupKeys.NAME).ifPresent(keys -> RunSecrets.rememberBackupKey(keys.getData()));
        return running;
    }

    /** Asks for a restart, and waits until it is done. */
    TrustedLaunchVM restart(String vm) {
        long before = get(vm).getStatus().epoch();
        lab.kubectl("tlvm", "restart", vm, "-n", namespace).orFail();
        return awaitRunningAfter(vm, before);
    }

    /** Waits until the guest runs in a later epoch. */
    TrustedLaunchVM awaitRunningAfter(String vm, long epoch) {
        return awaitVm(
                vm,
                "running in an epoch after " + epoch,
                found -> found.getStatus().epoch() > epoch
                        && condition(found, ConditionType.Ready)
                                .filter(ready -> ready.getReason().equals(Reason.Running.name()))
                                .isPresent());
    }

    TrustedLaunchVM awaitHalted(String vm) {
        return awaitVm(
                vm,
                "Ready and not Running",
                found ->
                        isTrue(found, ConditionType.Ready) && !isTrue(found, ConditionType.Running) && upToDate(found));
    }

    /** Waits until the operator knows that all hosts share the folder, so all agents have reported. */
    void awaitShared() {
        await("all hosts are known to share " + location).atMost(TIMEOUT).until(() -> {
            StorageLocationStatus status = client.resources(StorageLocation.class)
                    .withName(location)
                    .get()
                    .getStatus();
            return status != null
                    && status.groups() != null
                    && status.groups().stream()
                            .anyMatch(group -> group.nodeNames().containsAll(lab.hosts()));
        });
    }

    TrustedLaunchVM awaitReason(String vm, ConditionType type, Reason reason) {
        return awaitVm(
                vm,
                type + "=" + reason,
                found -> condition(found, type)
                        .filter(condition -> condition.getReason().equals(reason.name()))
                        .isPresent());
    }

    /**
     * As the guest does it, and much faster.
     *
     * @param command of qemu-io
     */
    void writeToDataDisk(String host, String uid, String command) {
        String output = lab.exec(
                host,
                "virsh",
                "qemu-monitor-command",
                uid,
                "--hmp",
                "qemu-io -d /machine/peripheral/virtio-disk1/virtio-backend \"" + command + "\"");
        assertThat(output).doesNotContainIgnoringCase("error", "failed");
    }

    void awaitGone(String vm, String uid) {
        await("VM " + vm + " is gone, with its key and incarnations")
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> get(vm) == null
                        && incarnations(uid).isEmpty()
                        && keySecret(uid).isEmpty());
    }

    ProtectionKey protectionKey(String uid) {
        return ProtectionKey.of(Base64.getDecoder()
                .decode(keySecret(uid).orElseThrow().getData().get(ProtectionKeySecret.DATA_KEY)));
    }

    Optional<Secret> keySecret(String uid) {
        return Optional.ofNullable(
                client.secrets().inNamespace(OPERATOR_NAMESPACE).withName(uid).get());
    }

    List<VMIncarnation> incarnations(String uid) {
        return client.resources(VMIncarnation.class).inNamespace(OPERATOR_NAMESPACE).list().getItems().stream()
                .filter(incarnation -> incarnation.getSpec().vmRef().uid().equals(uid))
                .toList();
    }

    /** The events in the namespace that have this reason, about any object. */
    List<Event> events(Reason reason) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getReason().equals(reason.name()))
                .toList();
    }

    /** What the guest wrote to its serial console in all its incarnations. */
    String console(String uid) {
        return consoles.computeIfAbsent(uid, key -> new ConsoleHistory(lab, key))
                .text();
    }

    /** Waits until the guest has finished so many boots in all. */
    void awaitBoots(String uid, int boots) {
        awaitConsole(uid, console -> boots(console).count() == boots, boots + " boots");
    }

    /** What the guest wrote from the end of the boot before this one; boots are counted from 1. */
    String consoleSince(String uid, int boot) {
        String console = console(uid);
        return console.substring(
                boots(console).skip(boot - 2L).findFirst().orElseThrow().start());
    }

    private static Stream<MatchResult> boots(String console) {
        return BOOTED.matcher(console).results();
    }

    void awaitConsole(String uid, Predicate<String> predicate, String what) {
        await("the guest's console has " + what)
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> console(uid), predicate);
    }

    /** Of an incarnation on that host. */
    void awaitConsoleOn(String host, String uid, Predicate<String> predicate) {
        await("the console of the guest on " + host)
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> lab.console(ConsoleHistory.log(lab, host, uid)), predicate);
    }

    /** The folder of a VM in {@link #LOCAL_LOCATION}. */
    static Path localFolder(Lab lab, String host, String uid) {
        return lab.onHost(host, "var/lib/trusted-launch/vms").resolve(uid);
    }

    Path folderOf(String uid) {
        return lab.folder().resolve("shared").resolve(uid);
    }

    static Optional<Condition> condition(TrustedLaunchVM vm, ConditionType type) {
        return vm.getStatus() == null
                ? Optional.empty()
                : Conditions.find(vm.getStatus().conditions(), type);
    }

    static boolean isRunning(TrustedLaunchVM vm) {
        return isTrue(vm, ConditionType.Ready) && isTrue(vm, ConditionType.Running) && upToDate(vm);
    }

    private static boolean isTrue(TrustedLaunchVM vm, ConditionType type) {
        return condition(vm, type)
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }

    private static boolean upToDate(TrustedLaunchVM vm) {
        return vm.getMetadata().getGeneration().equals(vm.getStatus().observedGeneration());
    }

    static ObjectMeta meta(String name, String namespace) {
        return new ObjectMetaBuilder().withName(name).withNamespace(namespace).build();
    }

    /** Deletes an image and waits until its copies are gone. */
    void removeImage(String name) {
        String uid = client.resources(GuestImage.class)
                .withName(name)
                .get()
                .getMetadata()
                .getUid();
        client.resources(GuestImage.class).withName(name).delete();
        await("the copies of image " + name + " are gone")
                .atMost(TIMEOUT)
                .until(() -> client.resources(ImageCopy.class).list().getItems().stream()
                        .noneMatch(copy -> copy.getSpec().image().uid().equals(uid)));
    }

    /** Deletes the namespace with everything in it and waits until it is gone. */
    void removeNamespace() {
        client.namespaces().withName(namespace).delete();
        await("namespace " + namespace + " is gone")
                .atMost(TIMEOUT)
                .until(() -> client.namespaces().withName(namespace).get() == null);
    }

    /** Deletes the VMs first: Kubernetes begins to empty a deleted namespace only after five seconds. */
    @Override
    public void close() {
        client.resources(TrustedLaunchVM.class).inNamespace(namespace).delete();
        await("the VMs of namespace " + namespace + " are gone")
                .atMost(TIMEOUT)
                .until(() -> client.resources(TrustedLaunchVM.class)
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .isEmpty());
        client.namespaces().withName(namespace).delete();
        client.resources(ImageEligibilityPolicy.class)
                .withName("proof-" + nonce)
                .delete();
        client.resources(GuestImage.class).withName(image).delete();
        client.resources(GuestImage.class).withName(blank).delete();
        client.resources(StorageLocation.class).withName(location).delete();
        client.close();
    }
}
