package io.trustedlaunch.operator.download;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatus;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Duration;
import java.time.Instant;

/** Computes the status of a download. Pure. */
final class DownloadStatus {
    /** A disk may be large, and a user's connection slow. */
    static final Duration LIFETIME = Duration.ofDays(1);

    private final DownloadFacts facts;

    DownloadStatus(DownloadFacts facts) {
        this.facts = facts;
    }

    /** One that was created in the future is over. */
    static Duration left(VMBackupDownload download, Instant now) {
        return RecordedTime.left(LIFETIME, created(download), now);
    }

    private static Instant created(VMBackupDownload download) {
        return Instant.parse(download.getMetadata().getCreationTimestamp());
    }

    /**
     * The agent of the node serves it.
     *
     * @param envelope for that node, in base64
     * @param authority of the agents' certificates, in PEM
     */
    VMBackupDownloadStatus open(ClusterNode node, String envelope, String authority) {
        DownloadPlan plan = new DownloadPlan(facts);
        String name = node.getMetadata().getName();
        return status(
                        State.True,
                        new Problem(
                                Reason.DownloadOpen,
                                "open on node " + name + ", for the client whose key is in spec.clientKeySHA256"))
                .nodeName(name)
                .address(node.getStatus().address())
                .port(node.getStatus().consolePort())
                .authority(authority)
                .backupOf(plan.vm())
                .backup(plan.backup())
                .location(BackupRunSpec.Location.of(facts.location().orElseThrow()))
                .envelope(envelope)
                .build();
    }

    VMBackupDownloadStatus unavailable(Problem problem) {
        return status(State.False, problem).build();
    }

    private VMBackupDownloadStatusBuilder status(State state, Problem said) {
        VMBackupDownload download = facts.download();
        Conditions conditions = new Conditions(download, facts.now());
        return VMBackupDownloadStatusBuilder.builder()
                .observedGeneration(download.getMetadata().getGeneration())
                .expirationTime(created(download).plus(LIFETIME).toString())
                .conditions(conditions.all(conditions.of(ConditionType.Open, state, said)));
    }
}
