package io.trustedlaunch.operator.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.testkit.Incarnations;
import io.trustedlaunch.testkit.Vms;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is on record about a write of an envelope, as the API server answers it. */
class KeyReleasesTest {
    private static final String ENVELOPE = "c2VhbGVk";
    private static final String EARLIER = "ZWFybGllcg==";
    private static final SealedEnvelope SEALED = new SealedEnvelope("host-a", "ab12", ENVELOPE);
    private static final String COPIED = "00000000-0000-4000-8000-0000000000cc";
    private static final String RELEASED = "{\"audit\":true,\"time\":\"2026-03-01T12:00:00Z\",\"act\":\"KeyReleased\","
            + "\"outcome\":\"Success\",\"kind\":\"TrustedLaunchVM\",\"namespace\":\"" + Vms.NAMESPACE + "\",\"name\":\""
            + Vms.NAME + "\",\"uid\":\"" + Vms.UID + "\",\"vm\":\"" + Vms.UID
            + "\",\"node\":\"host-a\",\"epoch\":3,\"publicKey\":\"ab12\"}";

    private final List<String> lines = new ArrayList<>();
    private final List<EventDraft> events = new ArrayList<>();
    private final TrustedLaunchVM vm = Vms.vm(Vms.spec().build());
    private Optional<VMIncarnation> stored = Optional.empty();
    private final KeyReleases releases = new KeyReleases(
            answering(ApiReader.class),
            answering(ResourceWriter.class),
            new AuditLog(InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z")), lines::add));

    @Test
    void aReleaseIsOneLineAndOneEventAndTheEnvelopeIsInNeither() {
        to(() -> with(ENVELOPE));

        assertThat(lines).containsExactly(RELEASED);
        assertThat(events)
                .singleElement()
                .extracting(EventDraft::message)
                .asString()
                .contains("host-a", "epoch 3");
        assertThat(lines + events.toString()).doesNotContain(ENVELOPE);
    }

    @Test
    void anIncarnationThatWasThereBeforeIsNotRecordedAgain() {
        to(() -> with(EARLIER));

        assertNothingIsRecorded();
    }

    @Test
    void aRefusedWriteIsNotRecorded() {
        stored = Optional.of(with(EARLIER));
        assertThatThrownBy(() -> to(() -> {
                    throw new StaleViewException("conflict");
                }))
                .isInstanceOf(StaleViewException.class);
        assertThatThrownBy(() -> to(() -> {
                    throw new KubernetesClientException("forbidden", 403, null);
                }))
                .isInstanceOf(KubernetesClientException.class);

        assertNothingIsRecorded();
    }

    /** The Kubernetes client repeats a request whose answer was lost; the second one conflicts with the first. */
    @Test
    void aWriteThatConflictsWithItselfIsRecorded() {
        stored = Optional.of(with(ENVELOPE));
        assertThatThrownBy(() -> to(() -> {
                    throw new StaleViewException("conflict");
                }))
                .isInstanceOf(StaleViewException.class);

        assertThat(lines).containsExactly(RELEASED);
    }

    @Test
    void aWriteWithoutAnAnswerIsRecordedAsUnknown() {
        assertThatThrownBy(() -> to(() -> {
                    throw new KubernetesClientException("connection reset");
                }))
                .isInstanceOf(KubernetesClientException.class);
        assertThatThrownBy(() -> to(() -> {
                    throw new KubernetesClientException("timeout", 504, null);
                }))
                .isInstanceOf(KubernetesClientException.class);

        String unknown = RELEASED.replace("Success", "Unknown");
        assertThat(lines).containsExactly(unknown, unknown);
        assertThat(events).isEmpty();
    }

    /** It was deleted meanwhile, so what the first request did cannot be seen. */
    @Test
    void aWriteThatConflictsAndLeavesNothingToReadIsRecordedAsUnknown() {
        assertThatThrownBy(() -> to(() -> {
                    throw new StaleViewException("conflict");
                }))
                .isInstanceOf(StaleViewException.class);

        assertThat(lines).containsExactly(RELEASED.replace("Success", "Unknown"));
        assertThat(events).isEmpty();
    }

    @Test
    void theKeysOfBackupsAreOneLineWithoutThemAndNoEvent() {
        backupKeys(() -> ENVELOPE);

        assertThat(lines)
                .singleElement()
                .asString()
                .contains("BackupKeysReleased", "Success", "ab12", "host-a", COPIED);
        assertThat(lines.toString()).doesNotContain(ENVELOPE);
        assertThat(events).isEmpty();
    }

    @Test
    void aRunThatWasThereBeforeAndARefusalAreNotRecorded() {
        backupKeys(() -> EARLIER);
        assertBackupKeysFail(new KubernetesClientException("forbidden", 403, null));

        assertNothingIsRecorded();
    }

    /** The Kubernetes client repeats a request whose answer was lost, and the run of the first one may be gone again. */
    @Test
    void aRunThatTheApiServerMayHaveHadIsRecordedAsUnknown() {
        assertBackupKeysFail(new KubernetesClientException("connection reset"));
        assertBackupKeysFail(new KubernetesClientException("timeout", 504, null));
        assertBackupKeysFail(new StaleViewException("was deleted in the meantime"));

        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line).contains("BackupKeysReleased", "Unknown"));
    }

    private void assertBackupKeysFail(RuntimeException failure) {
        assertThatThrownBy(() -> backupKeys(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    private void backupKeys(Supplier<String> create) {
        releases.backupKeys(SEALED, vm, COPIED, Function.identity(), create);
    }

    private void assertNothingIsRecorded() {
        assertThat(lines).isEmpty();
        assertThat(events).isEmpty();
    }

    private void to(Supplier<VMIncarnation> write) {
        releases.vmKey(SEALED, with(null), vm, write);
    }

    private static VMIncarnation with(String envelope) {
        return Incarnations.incarnation(
                Incarnations.spec(3).nodeName("host-a").envelope(envelope).build(), null);
    }

    private <T> T answering(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (method.getName().equals("event")) {
                        events.add((EventDraft) arguments[1]);
                        return null;
                    }
                    return stored;
                }));
    }
}
