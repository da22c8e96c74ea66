package io.trustedlaunch.recovery;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.vm.ApprovedGuestState;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.DeletionPolicy;
import io.trustedlaunch.api.vm.GuestConfig;
import io.trustedlaunch.api.vm.NetworkInterface;
import io.trustedlaunch.api.vm.OsDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.SecurityProfile;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMSpecBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusGuestStateBuilder;
import io.trustedlaunch.custody.GuestStateKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RecoveryCertificate;
import io.trustedlaunch.gueststate.Claimant;
import io.trustedlaunch.gueststate.GuestState;
import io.trustedlaunch.gueststate.GuestStateBuilder;
import io.trustedlaunch.gueststate.GuestStateName;
import io.trustedlaunch.gueststate.HomeReader;
import io.trustedlaunch.gueststate.SealedGuestState;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.SealedStates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A VM with all that a user can ask for, and its folder in memory. */
public final class EscrowedVm implements HomeReader {
    public static final String EK = "5e".repeat(32);

    public final UUID uid;
    public final ProtectionKey key;
    private final String name;
    private final String namespace;
    private final RecoveryCertificate certificate;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, byte[]> files = new HashMap<>();

    public EscrowedVm(String name, UUID uid, RecoveryCertificate certificate) {
        this(name, uid, certificate, "finance");
    }

    public EscrowedVm(String name, UUID uid, RecoveryCertificate certificate, String namespace) {
        this.namespace = namespace;
        this.name = name;
        this.uid = uid;
        this.certificate = certificate;
        byte[] bytes = new byte[ProtectionKey.BYTES];
        Arrays.fill(bytes, (byte) name.length());
        this.key = ProtectionKey.of(bytes);
    }

    EscrowedVm escrow(long epoch, String ekDigest) {
        return put(EscrowName.of(epoch), sealedEscrow(epoch, ekDigest));
    }

    public byte[] sealedEscrow(long epoch, String ekDigest) {
        return sealedEscrow(epoch, ekDigest, namespace);
    }

    /** @param vmNamespace null for none */
    byte[] sealedEscrow(long epoch, String ekDigest, String vmNamespace) {
        return new Escrow(key, vm(vmNamespace), record(epoch, ekDigest)).seal(certificate, random);
    }

    public EscrowedVm state(long epoch, long generation) {
        return state(epoch, generation, EK);
    }

    EscrowedVm state(long epoch, long generation, String ekDigest) {
        return put(SealedStates.state(
                uid, new GuestStateVersion(epoch, generation), ekDigest, new byte[] {1}, new byte[] {2}));
    }

    EscrowedVm stateOf(Claimant claimant, long epoch, long generation) {
        GuestStateVersion version = new GuestStateVersion(epoch, generation);
        return put(GuestStateBuilder.builder(SealedStates.state(uid, version, EK, new byte[] {1}, new byte[] {2}))
                .claimant(claimant)
                .build());
    }

    private EscrowedVm put(GuestState state) {
        try (GuestStateKey sealing = key.guestStateKey(uid)) {
            return put(GuestStateName.of(state.version()), SealedGuestState.seal(state, sealing, random));
        }
    }

    EscrowedVm put(String file, byte[] content) {
        files.put(file, content);
        return this;
    }

    public byte[] file(String file) {
        return files.get(file);
    }

    /** On a disk, as an agent writes it. */
    public Path writeTo(Path location) {
        escrow(3, EK).state(3, 6).state(3, 7);
        Path folder = location.resolve(uid.toString());
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public byte[] read(String file, int limit) throws IOException {
        byte[] content = files.get(file);
        if (content == null) {
            throw new NoSuchFileException(file);
        }
        return Arrays.copyOf(content, Math.min(limit, content.length));
    }

    private RetainedVMRecord record(long epoch, String ekDigest) {
        return RetainedVMRecordBuilder.builder()
                .namespace(namespace)
                .name(name)
                .uid(uid.toString())
                .objectUID(uid.toString())
                .epoch(epoch)
                .osType(OsType.Windows)
                .image(new RecordedImage("ws2022", "9f".repeat(32), Provenance.None))
                .vTPM(ekDigest == null ? null : new TrustedLaunchVMStatus.VTpm(ekDigest, null))
                .guestState(TrustedLaunchVMStatusGuestStateBuilder.builder()
                        .home(new TrustedLaunchVMStatus.Home("csv-01", "host-a", epoch, false, Incarnations.CLUSTER))
                        .build())
                .osDisk(new OsDisk(new Quantity("128Gi")))
                .dataDisks(List.of(new RecordedDisk("data", new Quantity("200Gi"))))
                .build();
    }

    private TrustedLaunchVM vm(String vmNamespace) {
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder()
                .withNamespace(vmNamespace)
                .withName(name)
                .withUid(uid.toString())
                .withResourceVersion("17")
                .withGeneration(4L)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .withFinalizers("trustedlaunch.io/guest-state")
                .withLabels(Map.of("tier", "db", "app", "payroll"))
                .withAnnotations(Map.of(
                        "owner", "ada: \"the\n# first\"",
                        "kubectl.kubernetes.io/last-applied-configuration", "{\"spec\":{}}"))
                .build());
        vm.setSpec(TrustedLaunchVMSpecBuilder.builder()
                .runStrategy(RunStrategy.Always)
                .imageRef(new ObjectRef("ws2022"))
                .securityProfile(new SecurityProfile(
                        SecurityProfile.SecurityType.TrustedLaunch, true, new SecurityProfile.UefiSettings(true), null))
                .cores(4)
                .memory(new Quantity("8Gi"))
                .storageLocationRef(new ObjectRef("csv-01"))
                .osDisk(new OsDisk(new Quantity("128Gi")))
                .dataDisks(List.of(new DataDisk("data", new Quantity("200Gi"))))
                .networkInterfaces(List.of(new NetworkInterface("nic0", "vlan-42", "52:54:00:12:34:56")))
                .guestConfig(new GuestConfig(new GuestConfig.SecretSource(new ObjectRef("payroll-init")), null))
                .nodeSelector(Map.of("disk", "ssd"))
                .terminationGracePeriodSeconds(120)
                .deletionPolicy(DeletionPolicy.Retain)
                .approveGuestState(new ApprovedGuestState(2L, 5L, "ada", null))
                .build());
        vm.setStatus(TrustedLaunchVMStatusBuilder.builder()
                .observedGeneration(4L)
                .phase(TrustedLaunchVMStatus.Phase.Running)
                .nodeName("host-a")
                .epoch(3L)
                .primaryIP("10.0.42.17")
                .build());
        return vm;
    }
}
