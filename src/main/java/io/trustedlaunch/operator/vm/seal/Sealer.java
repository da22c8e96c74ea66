package io.trustedlaunch.operator.vm.seal;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillSpecBuilder;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunSpecBuilder;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.custody.Envelope;
import io.trustedlaunch.custody.EnvelopeAddress;
import io.trustedlaunch.custody.EnvelopeContent;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.custody.VerifiedCertificate;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.operator.vm.facts.UserDataFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.NodeInfo;
import java.security.SecureRandom;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Makes protection keys and seals them: in envelopes to nodes, and in escrows to the recovery key. */
public final class Sealer {
    private final String namespace;
    private final SealingCertificates certificates;
    private final Escrows escrows;
    private final SecureRandom random;

    public Sealer(String namespace, SealingCertificates certificates, Escrows escrows, SecureRandom random) {
        this.namespace = namespace;
        this.certificates = certificates;
        this.escrows = escrows;
        this.random = random;
    }

    public Secret newKey(TrustedLaunchVM vm) {
        return ProtectionKeySecret.of(
                namespace,
                vm.identity(),
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                ProtectionKey.generate(random).bytes());
    }

    /** The Secret of a VM whose key was gone, as if it had been retained with this record. */
    public Secret retainedKey(ProtectionKey key, RetainedVMRecord record) {
        Secret secret = ProtectionKeySecret.of(namespace, record.uid(), record.namespace(), record.name(), key.bytes());
        return new SecretBuilder(secret)
                .editMetadata()
                .addToAnnotations(Api.RETAINED_VM, record.toJson())
                .endMetadata()
                .build();
    }

    public SealedEnvelope.In<VMIncarnation> sealed(VMIncarnation incarnation, VmFacts facts) {
        VMIncarnationSpec open = incarnation.getSpec();
        SealedEnvelope envelope =
                envelope(open, facts, files(open, facts.offers().userData()));
        VMIncarnation sealed = new VMIncarnation();
        sealed.setMetadata(incarnation.getMetadata());
        sealed.setSpec(VMIncarnationSpecBuilder.builder(open)
                .escrow(escrow(open, facts).orElse(null))
                .envelope(envelope.base64())
                .build());
        return envelope.in(sealed);
    }

    /** What to merge into the incarnation's spec: the envelope, and the escrow if it has none. */
    public SealedEnvelope.In<Map<String, Object>> missing(Incarnation incarnation, VmFacts facts) {
        VMIncarnationSpec spec = incarnation.resource().getSpec();
        Map<String, byte[]> files =
                incarnation.hasNotRunYet() ? files(spec, facts.offers().userData()) : Map.of();
        SealedEnvelope envelope = envelope(spec, facts, files);
        Map<String, Object> missing = new HashMap<>(Map.of("envelope", envelope.base64()));
        if (!incarnation.hasEscrow()) {
            escrow(spec, facts).ifPresent(escrow -> missing.put("escrow", escrow));
        }
        return envelope.in(missing);
    }

    /** The escrow of an incarnation that was created without a recovery certificate. */
    public Map<String, Object> escrow(Incarnation incarnation, VmFacts facts) {
        return Map.of("escrow", escrow(incarnation.resource().getSpec(), facts).orElseThrow());
    }

    /** What to merge into the incarnation's spec. While there is no key, it has no escrow: one with the disks before would stay. */
    public Map<String, Object> devices(Incarnation incarnation, Devices devices, VmFacts facts) {
        VMIncarnationSpec changed = VMIncarnationSpecBuilder.builder(
                        incarnation.resource().getSpec())
                .devices(devices)
                .build();
        Map<String, Object> merged = new HashMap<>();
        merged.put("devices", devices);
        merged.put(
                "escrow",
                facts.key() instanceof KeyFacts.Held ? escrow(changed, facts).orElse(null) : null);
        return merged;
    }

    /** Seals to its node, which does not run the VM, the keys of the VM's backups, and not the VM's own. */
    public SealedEnvelope.In<RestoreRun> restoreRun(Restore restore, VmFacts facts) {
        SealedEnvelope envelope = backupKeys(
                restore.copyOf() == null
                        ? held(facts).key()
                        : found(facts.restore().copied()),
                grant(restore.location(), facts.restore().grant()),
                new RestoreEnvelope.Address(
                        restore.uid(),
                        UUID.fromString(restore.sourceVm(facts.vm().uid())),
                        restore.nodeName()),
                facts);
        String location = restore.storageLocation();
        RestoreRun run = new RestoreRun();
        run.setMetadata(ofRun(restore.uid(), facts));
        run.setSpec(RestoreRunSpecBuilder.builder()
                .nodeName(restore.nodeName())
                .vmRef(facts.vm().ref())
                .epoch(restore.afterEpoch())
                .afterFences(
                        List.copyOf(facts.losses().fencesReliedOn(facts.vm().epoch() + 1)))
                .storageLocation(new VMIncarnationSpec.Location(
                        location, facts.offers().locations().get(location).path()))
                .backup(restore.backup())
                .location(restore.location())
                .disks(restore.disks())
                .guestState(restore.guestState())
                .copyOf(restore.copyOf())
                .osDiskSize(
                        restore.copyOf() == null
                                ? null
                                : facts.vm().spec().osDisk().size())
                .dataDisks(
                        restore.copyOf() == null
                                ? restore.dataDisks().stream()
                                        .map(disk -> new VMIncarnationSpec.Disk(
                                                disk.name(), disk.size(), disk.epoch(), null))
                                        .toList()
                                : facts.vm().spec().dataDisks().stream()
                                        .map(disk -> new VMIncarnationSpec.Disk(disk.name(), disk.size()))
                                        .toList())
                .startAtOnce(restore.startAtOnce())
                .envelope(envelope.base64())
                .build());
        return envelope.in(run);
    }

    private ObjectMeta ofRun(String name, VmFacts facts) {
        return new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(Map.of(Api.LABEL_VM_UID, facts.vm().uid()))
                .build();
    }

    /** The same for the node that fills the VM's disks while it runs them. */
    public SealedEnvelope.In<DiskFill> diskFill(Fill fill, Incarnation incarnation, VmFacts facts) {
        SealedEnvelope envelope = backupKeys(fill, incarnation.node(), facts);
        DiskFill run = new DiskFill();
        run.setMetadata(ofRun(fill.uid(), facts));
        run.setSpec(DiskFillSpecBuilder.builder()
                .nodeName(incarnation.node())
                .vmRef(facts.vm().ref())
                .storageLocation(incarnation.machine().location())
                .backup(fill.backup())
                .backupOf(fill.backupOf())
                .location(fill.location())
                .bytesPerSecond(facts.fill()
                        .location()
                        .flatMap(location -> location.getSpec().bytesPerSecond())
                        .orElse(null))
                .envelope(envelope.base64())
                .expirationTime(expiration(fill, facts).orElse(null))
                .build());
        return envelope.in(run);
    }

    /** What to merge into the DiskFill's spec. */
    public SealedEnvelope.In<Map<String, Object>> renewed(Fill fill, DiskFill run, VmFacts facts) {
        SealedEnvelope envelope = backupKeys(fill, run.getSpec().nodeName(), facts);
        Map<String, Object> spec = new HashMap<>(Map.of("envelope", envelope.base64()));
        expiration(fill, facts).ifPresent(time -> spec.put("expirationTime", time));
        return envelope.in(spec);
    }

    /** The URLs were signed a moment ago. */
    private static Optional<String> expiration(Fill fill, VmFacts facts) {
        return Optional.ofNullable(fill.location().s3())
                .map(bucket -> facts.now()
                        .plus(RestoreGrants.VALIDITY)
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
    }

    private SealedEnvelope backupKeys(Fill fill, String node, VmFacts facts) {
        return backupKeys(
                fill.backupOf().equals(facts.vm().uid())
                        ? held(facts).key()
                        : found(facts.fill().copied()),
                grant(fill.location(), facts.fill().grant()),
                new RestoreEnvelope.Address(fill.uid(), UUID.fromString(fill.backupOf()), node),
                facts);
    }

    private SealedEnvelope backupKeys(ProtectionKey key, byte[] grant, RestoreEnvelope.Address address, VmFacts facts) {
        return SealedEnvelope.ofBackupKeys(key, grant, address, recipient(address.nodeName(), facts), random);
    }

    private static byte[] grant(BackupRunSpec.Location location, Optional<Result<byte[]>> grant) {
        if (location.s3() == null) {
            return new byte[0];
        }
        return grant.flatMap(Result::found)
                .orElseThrow(() ->
                        new IllegalStateException("a step seals what a node may read of a bucket before it is signed"));
    }

    private Optional<String> escrow(VMIncarnationSpec incarnation, VmFacts facts) {
        return escrows.of(incarnation, facts.vm(), held(facts).key());
    }

    private static ProtectionKey found(Optional<Result<ProtectionKey>> copied) {
        return copied.flatMap(Result::found)
                .orElseThrow(
                        () -> new IllegalStateException("a step seals the keys of a backup without the key of its VM"));
    }

    private static KeyFacts.Held held(VmFacts facts) {
        if (!(facts.key() instanceof KeyFacts.Held held)) {
            throw new IllegalStateException("a step seals an envelope without a key");
        }
        if (!ProtectionKeySecret.isOf(held.secret(), facts.vm().resource())) {
            throw new IllegalStateException("a step seals a key whose Secret does not say that it is that of VM object "
                    + facts.vm().ownerUid());
        }
        return held;
    }

    private SealedEnvelope envelope(VMIncarnationSpec incarnation, VmFacts facts, Map<String, byte[]> files) {
        EnvelopeAddress address =
                new EnvelopeAddress(incarnation.vmRef().uid(), incarnation.epoch(), incarnation.nodeName());
        EnvelopeContent content = new EnvelopeContent(address, held(facts).key(), files);
        VerifiedCertificate recipient = recipient(incarnation.nodeName(), facts);
        return SealedEnvelope.of(recipient, Envelope.seal(content, recipient, random));
    }

    /**
     * A guest reads its user data at its first boot, so a Secret that was removed later does not block a start. A
     * guest that must end or that already runs needs none.
     */
    private static Map<String, byte[]> files(VMIncarnationSpec incarnation, UserDataFacts userData) {
        if (incarnation.desiredState() != DesiredState.Running || incarnation.arrival() != null) {
            return Map.of();
        }
        return switch (userData) {
            case UserDataFacts.Files files -> files.files();
            case UserDataFacts.Unusable unusable -> Map.of();
            case UserDataFacts.Unread unread ->
                throw new IllegalStateException("a step seals an envelope without the user data");
        };
    }

    private VerifiedCertificate recipient(String node, VmFacts facts) {
        return certificates.recipient(node, facts.nodes().find(node).map(NodeInfo::status));
    }
}
