package io.trustedlaunch.e2e;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.testkit.AuditLog;
import io.trustedlaunch.testkit.AuditLog.Request;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Right;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What operator and agents have done of what their roles let them do, by the API server's audit log.
 *
 * @param from where the log ended before they did anything
 */
record UsedRights(AuditLog log, long from) {
    private static final String SIGNERS = " signers.certificates.k8s.io trustedlaunch.io/node-";
    private static final String ASKED_FOR =
            "Kubernetes asks for it when the operator approves or issues a certificate; no request has this verb";
    private static final String AGAIN = "what was created a moment ago, by another operator, is read";
    private static final String BUCKET = "for backups in a bucket, as BucketBackupE2E makes them";
    private static final String STORED = "for backups that are verified and removed, as BackupE2E does it";
    private static final String FILL = "for VMs that are started at once from a backup";
    private static final String SCHEDULE = "for backups of a schedule, as BackupScheduleIT makes them";
    private static final String RENEWAL = "after the Secret of an authority was replaced";

    /** Rights that no request of a run shows, and why they are granted. */
    private static final Map<String, String> EXCEPTIONS = Map.ofEntries(
            entry("trusted-launch-operator: approve" + SIGNERS + "sealing", ASKED_FOR),
            entry("trusted-launch-operator: approve" + SIGNERS + "agent", ASKED_FOR),
            entry("trusted-launch-operator: approve" + SIGNERS + "qemu", ASKED_FOR),
            entry("trusted-launch-operator: sign" + SIGNERS + "sealing", ASKED_FOR),
            entry("trusted-launch-operator: sign" + SIGNERS + "agent", ASKED_FOR),
            entry("trusted-launch-operator: sign" + SIGNERS + "qemu", ASKED_FOR),
            entry("trusted-launch-operator: delete vmconsoles.trustedlaunch.io", "an hour after a console was opened"),
            entry("trusted-launch-operator: delete vmbackupdownloads.trustedlaunch.io", "a day after one was created"),
            entry(
                    "trusted-launch-operator: update leases.coordination.k8s.io trusted-launch-operator",
                    "the SDK asks for it before it becomes a candidate, and patches"),
            entry("trusted-launch-operator: get imagecopies.trustedlaunch.io", AGAIN),
            entry("trusted-launch-operator: get backupruns.trustedlaunch.io", AGAIN),
            entry("trusted-launch-operator: patch backupruns.trustedlaunch.io", BUCKET),
            entry("trusted-launch-operator: get backuplocations.trustedlaunch.io", BUCKET),
            entry("trusted-launch-operator: create vmbackups.trustedlaunch.io", SCHEDULE),
            entry("trusted-launch-operator: patch vmbackups.trustedlaunch.io", SCHEDULE),
            entry("trusted-launch-operator: delete vmbackups.trustedlaunch.io", SCHEDULE),
            entry("trusted-launch-operator: update vmbackupschedules/status.trustedlaunch.io", SCHEDULE),
            entry("trusted-launch-operator: get storedbackupruns.trustedlaunch.io", AGAIN),
            entry("trusted-launch-operator: create storedbackupruns.trustedlaunch.io", STORED),
            entry("trusted-launch-operator: delete storedbackupruns.trustedlaunch.io", STORED),
            entry("trusted-launch-operator: patch storedbackupruns.trustedlaunch.io", BUCKET),
            entry("trusted-launch-agent: patch storedbackupruns/status.trustedlaunch.io", STORED),
            entry("trusted-launch-operator: get restoreruns.trustedlaunch.io", AGAIN),
            entry("trusted-launch-operator: get diskfills.trustedlaunch.io", AGAIN),
            entry("trusted-launch-operator: create diskfills.trustedlaunch.io", FILL),
            entry("trusted-launch-operator: patch diskfills.trustedlaunch.io", FILL),
            entry("trusted-launch-operator: delete diskfills.trustedlaunch.io", FILL),
            entry("trusted-launch-agent: patch diskfills/status.trustedlaunch.io", FILL),
            entry("trusted-launch-operator: get pods", AGAIN),
            entry("trusted-launch-operator: get nodes", "before the evicted drain signal of a node is made anew"),
            entry("trusted-launch-operator: get nodefences.trustedlaunch.io", AGAIN),
            entry(
                    "trusted-launch-agent: get nodefences.trustedlaunch.io",
                    "before a guest starts whose earlier host is proved dead"),
            entry(
                    "trusted-launch-operator: get vmincarnations.trustedlaunch.io",
                    "before one without a VM is removed, and after a write whose outcome is not known"),
            entry(
                    "trusted-launch-agent: get vmincarnations.trustedlaunch.io",
                    "before the record of a VM that is gone is removed from the host"),
            entry(
                    "trusted-launch-operator: patch configmaps trusted-launch-backup-key",
                    "after the cluster's backup key was replaced, as BackupKeyIT does it"),
            entry("trusted-launch-operator: update configmaps trusted-launch-ca", RENEWAL),
            entry("trusted-launch-operator: update configmaps trusted-launch-qemu-ca", RENEWAL),
            entry("trusted-launch-operator: update configmaps trusted-launch-vtpm-ca", RENEWAL));

    static UsedRights from(AuditLog log) {
        return new UsedRights(log, log.end());
    }

    void assertNoneMissing() {
        assertThat(requests().filter(request -> !request.authorized()))
                .as("requests of operator and agents that their roles do not allow")
                .isEmpty();
    }

    void assertAllUsed() {
        try (KubernetesClient admin = new KubernetesClientBuilder()
                .withConfig(Cluster.administrator())
                .build()) {
            await("the copies of deleted images to be removed")
                    .atMost(Stage.TIMEOUT)
                    .until(() ->
                            admin.resources(ImageCopy.class).list().getItems().isEmpty());
            List<Request> requests = requests().toList();
            assertThat(Stream.of("trusted-launch-operator", Cluster.AGENT)
                            .flatMap(account -> Right.of(account, Cluster.NAMESPACE, admin))
                            .filter(right -> requests.stream().noneMatch(right::isUsedBy))
                            .map(Right::toString)
                            .filter(right -> !EXCEPTIONS.containsKey(right)))
                    .as("rights in the roles of operator and agents that nothing used")
                    .isEmpty();
        }
    }

    private Stream<Request> requests() {
        return log.productRequests(from, request -> true).stream();
    }
}
