package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.quota.QuotaLimits;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.SealingCertificates;
import io.trustedlaunch.testkit.FakeApiServer;
import io.trustedlaunch.testkit.SealingKey;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** An API server in memory, whose cache is as late as the test wants, and passes over it. */
abstract class BackupPasses {
    final FakeApiServer server = new FakeApiServer();
    final List<String> writes = new ArrayList<>();
    final FakeGrants grants = new FakeGrants();
    final SealingKey sealingKey = new SealingKey(Backups.NODE);
    final ProtectionKey protectionKey = ProtectionKey.generate(new SecureRandom());
    final List<String> audited = new ArrayList<>();
    Optional<String> escrow = Optional.empty();
    int confirmations;
    FakeApiServer cache = server;
    Instant now = Backups.NOW;

    /** Before which the operator dies. */
    int writesUntilDeath = Integer.MAX_VALUE;

    /** No handler catches it. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void runTheVm() {
        server.put(Backups.vm(status -> status));
        VMIncarnation incarnation = Backups.incarnation(Phase.Running);
        incarnation.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Backups.OPERATOR)
                .withName(VMIncarnation.nameOf(Vms.UID, Backups.EPOCH))
                .build());
        incarnation.setSpec(VMIncarnationSpecBuilder.builder()
                .vmRef(new VmRef(Vms.NAMESPACE, Vms.NAME, Vms.UID, null))
                .epoch(Backups.EPOCH)
                .nodeName(Backups.NODE)
                .build());
        server.put(incarnation);
        server.put(Backups.location(List.of()));
        server.put(Backups.backup("payroll-1", Backups.UID, Backups.CREATED));
    }

    void pass() {
        VMBackup backup = cache.find(VMBackup.class, "payroll-1").orElseThrow();
        if (backup.hasEnded()) {
            return;
        }
        BackupGatherer gatherer = new BackupGatherer(
                Backups.OPERATOR, new Caches(), reader(), Map::of, () -> new ClusterTime(now, Optional.of(now)));
        VMBackupStatus status = new BackupPass(
                        gatherer,
                        writer(),
                        grants,
                        (vm, osType) -> escrow,
                        new BackupKeySealer(
                                Backups.OPERATOR,
                                reader(),
                                new SealingCertificates(SealingKey::verifier, () -> SealingKey.NOW),
                                new KeyReleases(reader(), writer(), new AuditLog(() -> SealingKey.NOW, audited::add)),
                                new SecureRandom()),
                        new RunLimits(Backups.OPERATOR, reader()),
                        new BackupQuotas(
                                Backups.OPERATOR,
                                new QuotaLimits(
                                        Optional.empty(),
                                        namespace -> cache.seen(VMQuota.class).toList()),
                                namespace -> cache.all(VMBackup.class).toList(),
                                reader(),
                                () -> confirmations++),
                        Failpoints.none())
                .over(backup);
        if (status != null && !status.equals(backup.getStatus())) {
            backup.setStatus(status);
            writer().replaceStatus(backup);
        }
    }

    void removeRuns() {
        BackupRunReconciler reconciler = new BackupRunReconciler(Backups.OPERATOR, reader(), writer(), grants);
        server.all(BackupRun.class).forEach(run -> reconciler.over(run, server.find(VMBackup.class, "payroll-1")));
    }

    void report(BackupRunStatus status) {
        BackupRun run = run().orElseThrow();
        run.getMetadata().setCreationTimestamp(Backups.CREATED);
        run.setStatus(status);
        server.put(run);
    }

    Optional<BackupRun> run() {
        return server.find(BackupRun.class, Backups.UID);
    }

    VMBackup backup() {
        return server.find(VMBackup.class, "payroll-1").orElseThrow();
    }

    VMBackupStatus status() {
        return backup().getStatus();
    }

    ApiReader reader() {
        return (ApiReader) Proxy.newProxyInstance(
                ApiReader.class.getClassLoader(),
                new Class<?>[] {ApiReader.class},
                (proxy, method, given) -> switch (method.getName()) {
                    case "vm" -> server.find(TrustedLaunchVM.class, (String) given[1]);
                    case "backup" -> server.find(VMBackup.class, (String) given[1]);
                    case "backupRuns" -> server.all(BackupRun.class).toList();
                    case "storedBackupRuns" -> server.all(StoredBackupRun.class).toList();
                    case "backupRun" -> server.find(BackupRun.class, (String) given[1]);
                    case "backupLocation" -> server.find(BackupLocation.class, (String) given[0]);
                    case "secret" -> server.find(Secret.class, (String) given[1]);
                    case "clusterNode" -> server.find(ClusterNode.class, (String) given[0]);
                    case "incarnation" -> server.find(VMIncarnation.class, (String) given[1]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    ResourceWriter writer() {
        return (ResourceWriter) Proxy.newProxyInstance(
                ResourceWriter.class.getClassLoader(),
                new Class<?>[] {ResourceWriter.class},
                (proxy, method, given) -> {
                    if (writesUntilDeath-- == 0) {
                        throw new Died();
                    }
                    writes.add(method.getName());
                    try {
                        return method.invoke(server, given);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private final class Caches implements BackupCaches {
        @Override
        public Optional<TrustedLaunchVM> vm(String namespace, String name) {
            return cache.find(TrustedLaunchVM.class, name);
        }

        @Override
        public Optional<VMIncarnation> incarnation(String name) {
            return cache.find(VMIncarnation.class, name);
        }

        @Override
        public Optional<BackupRun> run(String name) {
            return cache.find(BackupRun.class, name);
        }

        @Override
        public List<BackupRun> runs(String namespace, String vm) {
            return cache.all(BackupRun.class)
                    .filter(run -> run.getSpec().vmRef().name().equals(vm))
                    .toList();
        }

        @Override
        public List<VMBackup> backups(String namespace, String vm) {
            return cache.all(VMBackup.class).toList();
        }

        @Override
        public List<VMBackup> backupsOf(String namespace, String vmUid) {
            return cache.all(VMBackup.class)
                    .filter(backup -> backup.getStatus() != null
                            && vmUid.equals(backup.getStatus().vmUID()))
                    .toList();
        }

        @Override
        public List<BackupLocation> locations() {
            return cache.all(BackupLocation.class).toList();
        }
    }
}
