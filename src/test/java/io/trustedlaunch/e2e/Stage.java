package io.trustedlaunch.e2e;

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
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageSpec;
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.OsType;
import io.trustedlaunch.api.ProtectionKeySecret;
import io.trustedlaunch.api.Provenance;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.StorageLocationSpec;
import io.trustedlaunch.api.StorageLocationStatus;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Lab;
import io.trustedlaunch.testkit.ProofImages;
import io.trustedlaunch.testkit.RunSecrets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * A namespace of its own with what a VM needs: a shared storage location with the proof guest's image and a blank one, and a policy that
 * allows them. All names carry a nonce of this run. Closing it deletes all, and waits until the VMs are gone.
 */
final class Stage implements AutoCloseable {
    static final String OPERATOR_NAMESPACE = "trusted-launch-system";
    static final String SHARED_PATH = "/var/lib/trusted-launch-shared";
    /** Comes with the installation, and is each host's own. */
    static final String LOCAL_LOCATION = "default";

    private static final String PUBLISHER = "trustedlaunch";

    /** For what emulation on a busy machine may need at most; nothing is measured by it. */
    static final Duration PATIENCE = Duration.ofMinutes(6);

    final Lab lab = Lab.fromEnvironment();
    final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(Cluster.administrator()).build();
    final String nonce = UUID.randomUUID().toString().substring(0, 8);
    final String namespace;
    final String location;
    final String image;

    /** One with nothing on it that could be started. */
    final String blank;

    private Stage(String name) {
        namespace = name + "-" + nonce;
        location = "shared-" + nonce;
        image = "proof-" + nonce;
        blank = "blank-" + nonce;
    }

    static Stage open(String name) {
        Stage stage = new Stage(name);
        stage.furnish();
        return stage;
    }

    /** Everything but VMs, as an administrator makes it; again, in a cluster that has none of it. */
    void furnish() {
        ProofImages signed = ProofImages.signed();
        ProofImages nothing = ProofImages.blank();
        create(new NamespaceBuilder().withMetadata(meta(namespace, null)).build());
        StorageLocation folder = new StorageLocation();
        folder.setMetadata(meta(location, null));
        folder.setSpec(new StorageLocationSpec(SHARED_PATH));
        create(folder);
        create(guestImage(image, "proof", signed.installIn(lab), signed.sha256()));
        create(guestImage(blank, "proof-blank", nothing.installIn(lab), nothing.sha256()));
        ImageEligibilityPolicy policy = new ImageEligibilityPolicy();
        policy.setMetadata(meta("proof-" + nonce, null));
        policy.setSpec(new ImageEligibilityPolicySpec(
                Provenance.None,
                ImageEligibilityPolicySpec.Enforcement.Creation,
                List.of(new ImageEligibilityPolicySpec.Rule(
                        "proof", PUBLISHER, List.of(nonce), List.of("proof*"), List.of("proof-excepted")))));
        create(policy);
    }

    GuestImage guestImage(String name, String sku, String path, String sha256) {
        GuestImage guestImage = new GuestImage();
        guestImage.setMetadata(meta(name, null));
        guestImage.setSpec(new GuestImageSpec(
                OsType.Linux,
                new GuestImageSpec.Identifier(PUBLISHER, nonce, sku),
                "1.0.0",
                new GuestImageSpec.Source(new GuestImageSpec.FileSource(new ObjectRef(location), path), null, null),
                sha256));
        return guestImage;
    }

    /** The image of nothing, brought from elsewhere. */
    GuestImage imageFrom(GuestImageSpec.Source source) {
        GuestImage brought = guestImage(
                "brought-" + nonce, "proof-brought", "none", ProofImages.blank().sha256());
        GuestImageSpec spec = brought.getSpec();
        brought.setSpec(new GuestImageSpec(spec.osType(), spec.identifier(), spec.version(), source, spec.sha256()));
        return brought;
    }

    VmDraft vm(String name) {
        return new VmDraft(name, namespace, image, location);
    }

    /** Its guest stays in the firmware, and takes a third of the time of one that starts a system, and then next to none. It has no card. */
    VmDraft vmInFirmware(String name) {
        return new VmDraft(name, namespace, blank, location).withoutNetwork().impatient();
    }

    TrustedLaunchVM create(VmDraft draft) {
        return create(draft.build());
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

    /** Awaits that Ready is not True, for this reason, with this text in its message: what a user is told. */
    TrustedLaunchVM awaitTold(String vm, Reason reason, String text) {
        return awaitVm(
                vm,
                "told " + reason + " with '" + text + "'",
                found -> condition(found, ConditionType.Ready)
                        .filter(ready -> !ready.getStatus().equals("True"))
                        .filter(ready -> ready.getReason().equals(reason.name()))
                        .filter(ready -> ready.getMessage().contains(text))
                        .isPresent());
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

    /** Waits until the VM satisfies the predicate, and fails with the VM as it is. */
    TrustedLaunchVM awaitVm(String vm, String what, Predicate<TrustedLaunchVM> predicate) {
        try {
            return await(what)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> get(vm), found -> found != null && predicate.test(found));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
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

    /** Its key is remembered: each class awaits one VM so at least, or {@link WholeRunSecrets} may have nothing to look for. */
    TrustedLaunchVM awaitRunning(String vm) {
        TrustedLaunchVM running = awaitVm(
                vm,
                "Ready and Running",
                found -> isTrue(found, ConditionType.Ready) && isTrue(found, ConditionType.Running) && upToDate(found));
        String uid = running.identity();
        RunSecrets.remember(uid, protectionKey(uid));
        return running;
    }

    TrustedLaunchVM awaitHalted(String vm) {
        return awaitVm(
                vm,
                "Ready and not Running",
                found ->
                        isTrue(found, ConditionType.Ready) && !isTrue(found, ConditionType.Running) && upToDate(found));
    }

    /** All hosts are known to share the folder: their agents are there, and have been heard. */
    void awaitShared() {
        await("all hosts are known to share " + location).atMost(PATIENCE).until(() -> {
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

    void awaitGone(String vm, String uid) {
        await("VM " + vm + " is gone, with its key and incarnations")
                .atMost(PATIENCE)
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

    /** What users were told of for a reason, of whatever is in the namespace. */
    List<Event> events(Reason reason) {
        return client.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getReason().equals(reason.name()))
                .toList();
    }

    /** The guest's console, of all its lives. */
    String console(String uid) {
        return lab.console(folderOf(uid).resolve("console.log"));
    }

    void awaitConsole(String uid, Predicate<String> predicate, String what) {
        await("the guest's console has " + what)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> console(uid), predicate);
    }

    /** Of a VM in {@link #LOCAL_LOCATION}. */
    static Path localFolder(Lab lab, String host, String uid) {
        return lab.onHost(host, "var/lib/trusted-launch/vms").resolve(uid);
    }

    Path folderOf(String uid) {
        return lab.folder().resolve("shared").resolve(uid);
    }

    static Optional<Condition> condition(TrustedLaunchVM vm, ConditionType type) {
        return vm.getStatus() == null || vm.getStatus().conditions() == null
                ? Optional.empty()
                : vm.getStatus().conditions().stream()
                        .filter(condition -> condition.getType().equals(type.name()))
                        .findFirst();
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

    /** Deletes an image, and waits until its copies are gone. */
    void removeImage(String name) {
        String uid = client.resources(GuestImage.class)
                .withName(name)
                .get()
                .getMetadata()
                .getUid();
        client.resources(GuestImage.class).withName(name).delete();
        await("the copies of image " + name + " are gone")
                .atMost(PATIENCE)
                .until(() -> client.resources(ImageCopy.class).list().getItems().stream()
                        .noneMatch(copy -> copy.getSpec().image().uid().equals(uid)));
    }

    /** Deletes the namespace with all that is in it, and waits until it is gone. */
    void removeNamespace() {
        client.namespaces().withName(namespace).delete();
        await("namespace " + namespace + " is gone")
                .atMost(PATIENCE)
                .until(() -> client.namespaces().withName(namespace).get() == null);
    }

    /** Kubernetes begins to empty a namespace after five seconds: what is asked of the product here needs no such wait. */
    @Override
    public void close() {
        client.resources(TrustedLaunchVM.class).inNamespace(namespace).delete();
        await("the VMs of namespace " + namespace + " are gone")
                .atMost(PATIENCE)
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
