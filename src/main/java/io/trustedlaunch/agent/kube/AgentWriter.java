package io.trustedlaunch.agent.kube;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunStatus;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopyStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.node.ClusterNodeStatusBuilder;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.DiskFillStatus;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Map;

/**
 * The agent's only writer to the API server, except for certificate requests. A status is applied as a whole from a fresh
 * object, so fields that it no longer has are removed.
 */
public final class AgentWriter {
    private static final String STATUS_MANAGER = "trusted-launch-agent";

    /** A separate field manager, so that the answer and the rest of a node's status do not overwrite each other. */
    private static final String ANSWER_MANAGER = "trusted-launch-agent-answer";

    private final KubernetesClient client;
    private final String namespace;
    private final String nodeName;

    public AgentWriter(KubernetesClient client, String namespace, String nodeName) {
        this.client = client;
        this.namespace = namespace;
        this.nodeName = nodeName;
    }

    public VMIncarnation writeStatus(VMIncarnation incarnation, VMIncarnationStatus status) {
        return write(incarnation, new VMIncarnation(), status);
    }

    public ImageCopy writeCopyStatus(ImageCopy copy, ImageCopyStatus status) {
        return write(copy, new ImageCopy(), status);
    }

    public BackupRun writeRunStatus(BackupRun run, BackupRunStatus status) {
        return write(run, new BackupRun(), status);
    }

    public StoredBackupRun writeStoredStatus(StoredBackupRun run, StoredBackupRunStatus status) {
        return write(run, new StoredBackupRun(), status);
    }

    public RestoreRun writeRestoreStatus(RestoreRun run, RestoreRunStatus status) {
        return write(run, new RestoreRun(), status);
    }

    public DiskFill writeFillStatus(DiskFill fill, DiskFillStatus status) {
        return write(fill, new DiskFill(), status);
    }

    /** The UID keeps an order that was deleted and created again from getting the former one's status. */
    private <S, T extends CustomResource<?, S>> T write(T order, T applied, S status) {
        applied.setMetadata(new ObjectMetaBuilder()
                .withName(order.getMetadata().getName())
                .withNamespace(order.getMetadata().getNamespace())
                .withUid(order.getMetadata().getUid())
                .build());
        applied.setStatus(status);
        return client.resource(applied).subresource("status").patch(apply(STATUS_MANAGER));
    }

    /** @param status without an answer to the leader */
    public void writeNodeStatus(ClusterNodeStatus status) {
        applyNodeStatus(status, STATUS_MANAGER);
    }

    /** Writes it at once, so that no reader sees the VMs of one boot beside the name of another. */
    public void writeAnswer(ClusterNodeStatus.Answer answer) {
        applyNodeStatus(ClusterNodeStatusBuilder.builder().answer(answer).build(), ANSWER_MANAGER);
    }

    /** Renews the agent's Lease. Readers check only whether it changes, never its time. */
    /** @param bootID of the host: readers of the Lease know which boot the agent speaks for */
    public void renewLease(String bootID, ZonedDateTime now, Duration duration) {
        String name = "node-" + nodeName;
        Lease lease = new LeaseBuilder()
                .withMetadata(leaseMetadata(name)
                        .edit()
                        .withAnnotations(Map.of(Api.BOOT_ID, bootID))
                        .build())
                .withNewSpec()
                .withHolderIdentity(nodeName)
                .withLeaseDurationSeconds((int) duration.toSeconds())
                .withRenewTime(now)
                .endSpec()
                .build();
        client.resource(lease).patch(apply(STATUS_MANAGER));
    }

    private ObjectMeta leaseMetadata(String name) {
        return new ObjectMetaBuilder().withName(name).withNamespace(namespace).build();
    }

    private void applyNodeStatus(ClusterNodeStatus status, String manager) {
        ClusterNode applied = new ClusterNode();
        applied.setMetadata(new ObjectMetaBuilder().withName(nodeName).build());
        applied.setStatus(status);
        client.resource(applied).subresource("status").patch(apply(manager));
    }

    private static PatchContext apply(String manager) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(manager)
                .withForce(true)
                .build();
    }
}
