package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is on record of the creation of a run with the keys of a VM's backups, as the API server answers it. */
class SealedBackupKeysTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));
    private static final String KEYS = "c2VhbGVk";

    private final List<String> lines = new ArrayList<>();
    private final SealedBackupKeys keys = new SealedBackupKeys(
            "trusted-launch-system",
            (ApiReader) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {ApiReader.class}, (proxy, method, given) -> {
                        throw new AssertionError("nothing is read: " + method);
                    }),
            new SealingCertificates(
                    () -> {
                        throw new AssertionError("no certificate is needed");
                    },
                    CLOCK),
            new AuditLog(CLOCK, lines::add),
            new SecureRandom());

    @Test
    void aReleaseIsOneLineWithoutTheKeys() {
        release(() -> with(KEYS));
        assertThat(lines).singleElement().asString().contains("BackupKeysReleased", "Success", "ab12", Backups.NODE);
        assertThat(lines.toString()).doesNotContain(KEYS);
    }

    @Test
    void aRunThatWasThereBeforeAndARefusalAreNotRecorded() {
        release(() -> with("ZWFybGllcg=="));
        assertFails(new KubernetesClientException("forbidden", 403, null));
        assertThat(lines).isEmpty();
    }

    /** The Kubernetes client repeats a request whose answer was lost, and the run of the first one may be gone again. */
    @Test
    void whatTheApiServerMayHaveCreatedIsRecordedAsUnknown() {
        assertFails(new KubernetesClientException("connection reset"));
        assertFails(new KubernetesClientException("timeout", 504, null));
        assertFails(new StaleViewException("was deleted in the meantime"));
        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line).contains("Unknown"));
    }

    private void assertFails(RuntimeException failure) {
        assertThatThrownBy(() -> release(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    private void release(Supplier<BackupRun> create) {
        keys.release(
                new BackupKeySeals.Sealed(with(KEYS), "ab12"), Vms.vm(Vms.spec().build()), create);
    }

    private static BackupRun with(String sealed) {
        return Backups.run(null, spec -> spec.keys(sealed));
    }
}
